// How tools write log events as plain text, as data: one row per shape, the most particular first. A line that does
// not begin like the file's first event continues the message of the event before it.

export interface TextShape {
  /** Kebab-case. */
  readonly name: string;
  readonly seenIn: string;
  /** Matches the first line of an event. Groups: time, message (may be absent), stream (optional). */
  readonly first: RegExp;
  /** True where times are cut to whole seconds. */
  readonly wholeSeconds?: true;
}

const SECONDS = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d";
const ZONE = "[+-]\\d\\d:\\d\\d";
/** Names of Lambda's log streams begin with the day. */
const LAMBDA_STREAM = "\\d{4}\\/\\d\\d\\/\\d\\d\\/\\S+";

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");

/** Tools colour times and names when told to, or when somebody saved a terminal's output. */
export const withoutColours = (line: string): string => line.replace(COLOURS, "");

function shape(name: string, seenIn: string, first: string, more: { wholeSeconds?: true } = {}): TextShape {
  return { name, seenIn, first: new RegExp(`^${first}$`, "s"), ...more };
}

/** @see https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html its formats detailed, short and json */
export const TEXT_SHAPES: readonly TextShape[] = [
  shape(
    "tail",
    "aws logs tail, its formats detailed and json",
    `(?<time>${SECONDS}(?:\\.\\d{1,6})?${ZONE}) (?<stream>\\S+)(?: (?<message>.*))?`,
  ),
  shape(
    "sam-logs",
    "sam logs",
    `(?<stream>${LAMBDA_STREAM}) (?<time>${SECONDS}(?:\\.\\d{1,6})?) (?<message>.*)`,
  ),
  shape("s3-export", "an export to S3", `(?<time>${SECONDS}\\.\\d{3}Z) (?<message>.*)`),
  shape("tail-short", "aws logs tail --format short", `(?<time>${SECONDS}) (?<message>.*)`, {
    wholeSeconds: true,
  }),
  shape(
    "time-stream-message",
    "--query 'events[].[timestamp,logStreamName,message]' --output text",
    `(?<time>\\d{13})\\t(?<stream>${LAMBDA_STREAM})\\t(?<message>.*)`,
  ),
  shape(
    "time-message",
    "--query 'events[].[timestamp,message]' --output text",
    "(?<time>\\d{13})\\t(?<message>.*)",
  ),
  shape(
    "table",
    "the console's ASCII and Markdown copies of two columns, the time and the message",
    "\\|\\s*(?<time>\\d{13}|\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3})\\s*\\|\\s*(?<message>.*?)\\s*\\|\\s*",
  ),
];
