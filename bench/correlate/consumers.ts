// The consumers whose logs are generated, as data: what each prints, in which format, and what goes wrong there.
import type { LogShape, Oddity } from "../../simulator/logs/style.ts";

export interface Consumer {
  readonly name: string;
  readonly shape: LogShape;
  readonly format: "Text" | "JSON";
  readonly oddities: readonly Oddity[];
  /** How its own code begins a line of text. */
  readonly prefix: "request-id" | "none";
  /** Prints one line with the id of each record, beside or instead of what its shape prints of the event. */
  readonly namesRecords: boolean;
  /** Lines without any id that it prints for each record. */
  readonly stepsPerRecord: number;
  /** Bodies carry a correlation id. */
  readonly correlated: boolean;
  /** Share of invocations that outlast the visibility timeout. */
  readonly slowShare: number;
  /** Share of invocations that fail. */
  readonly failShare: number;
  /** When an invocation fails it names the one record that it failed on. */
  readonly namesTheFailed: boolean;
}

const plain: Consumer = {
  name: "",
  shape: "none",
  format: "Text",
  oddities: [],
  prefix: "request-id",
  namesRecords: false,
  stepsPerRecord: 1,
  correlated: false,
  slowShare: 0.01,
  failShare: 0.01,
  namesTheFailed: false,
};

export const CONSUMERS: readonly Consumer[] = [
  { ...plain, name: "charge-card", shape: "node-json", namesTheFailed: true },
  { ...plain, name: "send-invoice", shape: "powertools", format: "JSON", correlated: true },
  { ...plain, name: "update-stock", namesRecords: true, correlated: true, stepsPerRecord: 2 },
  { ...plain, name: "index-order", shape: "python-logger", oddities: ["x-ray"], failShare: 0 },
  { ...plain, name: "print-label", shape: "java", prefix: "none", slowShare: 0 },
  { ...plain, name: "score-fraud", shape: "none", format: "JSON", namesRecords: true, stepsPerRecord: 2 },
  { ...plain, name: "book-courier", shape: "go-plus-v", prefix: "none", oddities: ["swallowed-tabs"] },
  { ...plain, name: "notify-customer", namesRecords: true, stepsPerRecord: 3, slowShare: 0, failShare: 0 },
  { ...plain, name: "close-ticket", shape: "rust", prefix: "none", oddities: ["init-report"] },
  { ...plain, name: "mirror-order", shape: "ruby", prefix: "none", correlated: true, slowShare: 0 },
];
