// How one function logs: what its own code prints, and which of the platform's oddities show.

/** What the consumer's code does with the event; see application-lines.ts for the lines. */
export type LogShape =
  /** console.log(JSON.stringify(event)) */
  | "node-json"
  /** console.log(event): no quotes round keys, `attributes: [Object]`, so no receive count */
  | "node-inspect"
  /** console.log("received", event) */
  | "node-two-arguments"
  /** print(event): no request id on the line */
  | "python-print"
  /** logger.info(event): tab-separated prefix */
  | "python-logger"
  /** Powertools for AWS Lambda (Python): one JSON line a record, with correlation id and function_request_id */
  | "powertools"
  /** puts event, up to Ruby 3.3 */
  | "ruby"
  /** puts event, from Ruby 3.4: spaces round => */
  | "ruby-3.4"
  /** context.getLogger().log(event.toString()): no quotes at all */
  | "java"
  /** log.Printf("%+v", event) */
  | "go-plus-v"
  /** log.Printf("%v", event): no keys */
  | "go-v"
  /** context.Logger.LogInformation(JsonSerializer.Serialize(event)) */
  | "dotnet"
  /** println!("{:?}", event.payload) */
  | "rust"
  /** logs, but no ids */
  | "none";

export type Oddity =
  /** REPORT without any Status, as before 2024 */
  | "no-status"
  /** X-Ray fields in REPORT */
  | "x-ray"
  /** tabs of REPORT lost on the way */
  | "swallowed-tabs"
  /** INIT_REPORT … Phase: invoke before the START of a cold start */
  | "init-report"
  /** the timeout line comes after REPORT */
  | "late-timeout"
  /** the request-id column of the event's line says "undefined" */
  | "undefined-request-id"
  /** the event is logged after REPORT */
  | "late-event"
  /** a copy of REPORT printed twice */
  | "double-report";

/** What never reaches the log group, or not as it was. */
export interface LogLosses {
  /** Share of invocations that print their event, where the consumer samples. @default 1 */
  readonly eventShare?: number;
  /** The consumer does not print which record failed. @default false */
  readonly failuresUnnamed?: boolean;
  /** The consumer cuts the event's text to this length. */
  readonly maxTextLength?: number;
  /** Share of invocations whose REPORT is lost. @default 0 */
  readonly lostReportShare?: number;
  /** The clocks of two execution environments differ by up to twice this. @default 0 */
  readonly clockSkewMs?: number;
}

export interface LogStyle {
  readonly shape: LogShape;
  readonly oddities: readonly Oddity[];
  readonly losses?: LogLosses;
}

/** Lambda runtime identifier of each shape. */
export const RUNTIMES: Record<LogShape, string> = {
  "node-json": "nodejs24.x",
  "node-inspect": "nodejs22.x",
  "node-two-arguments": "nodejs24.x",
  "python-print": "python3.13",
  "python-logger": "python3.12",
  powertools: "python3.13",
  ruby: "ruby3.3",
  "ruby-3.4": "ruby3.4",
  java: "java21",
  "go-plus-v": "provided.al2023",
  "go-v": "provided.al2023",
  dotnet: "dotnet8",
  rust: "provided.al2023",
  none: "nodejs24.x",
};
