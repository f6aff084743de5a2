// What consumers write, as data: one row per shape of a message id, seen in real logs of each runtime.
// A new runtime is a new row here and one row in the test; no code changes.

/** Every SQS message id and Lambda request id has this form. */
export const UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";

export interface MessageIdPattern {
  /** Shape, kebab-case. */
  readonly name: string;
  /** Who writes it. */
  readonly seenIn: string;
  /**
   * What follows `ID_KEY` in every match, one character beyond the key: a line is searched only for the shapes that
   * it has keys of. Empty for shapes without keys.
   */
  readonly keyTails: readonly string[];
  /**
   * Global; group `id` is the message id, group `esc` (optional) the backslashes before the key's closing
   * quote, which tell how deep the JSON is nested in strings.
   */
  readonly regex: RegExp;
  /** True when the shape itself proves a received record (a receipt handle is part of it). */
  readonly received: boolean;
}

function row(
  name: string,
  seenIn: string,
  keyTails: readonly string[],
  source: string,
  received = false,
): MessageIdPattern {
  return { name, seenIn, keyTails, regex: new RegExp(source, "g"), received };
}

const ID = `(?<id>${UUID})`;
const NO_MORE = "(?![\\w-])";

/** In the key of an id, in every shape that has keys. */
export const ID_KEY = "essage";
/** The rest of such a key and the character behind it. Group 1: key tail. */
export const KEY_TAIL = /essage(_?[iI]d.)/g;

export const MESSAGE_ID_PATTERNS: readonly MessageIdPattern[] = [
  row(
    "json",
    "JSON.stringify in Node.js, json.dumps, Powertools loggers, .NET serialisers; escaped any number of times",
    ['Id"', "Id\\"],
    `"(?:sqs)?[mM]essageId(?<esc>\\\\*)"\\s*:\\s*\\\\*"${ID}`,
  ),
  row(
    "json-snake-case",
    "Python and Rust structured loggers",
    ['_id"', "_id\\"],
    `"(?:sqs_)?message_id(?<esc>\\\\*)"\\s*:\\s*\\\\*"${ID}`,
  ),
  row("node-inspect", "console.log(event) in Node.js", ["Id:"], `\\bmessageId: '${ID}'`),
  row("python-dict", "print(event) in Python", ["Id'", "_id'"], `'(?:[mM]essageId|message_id)': '${ID}'`),
  row(
    "ruby-hash",
    "puts event in Ruby; spaces round => from 3.4",
    ['Id"', "Id\\"],
    `"messageId(?<esc>\\\\*)"\\s*=>\\s*\\\\*"${ID}`,
  ),
  row("ruby-symbol", "symbolised hashes in Ruby 3.4", ["Id:"], `\\bmessageId: \\\\*"${ID}`),
  row(
    "java-map",
    "toString of Java's SQSEvent; prose such as `messageId: …`",
    ["Id:"],
    `\\bmessageId: ${ID}${NO_MORE}`,
  ),
  row("go-fields", "%+v in Go", ["Id:"], `\\bMessageId:${ID}${NO_MORE}`),
  row(
    "go-values",
    "%v in Go: no keys, the id is the struct's first field and the receipt handle its second",
    [],
    `\\{${ID} (?=[A-Za-z0-9+/=_-]{40,} )`,
    true,
  ),
  row("rust-debug", "{:?} in Rust", ["_id:"], `\\bmessage_id: Some\\(\\\\*"${ID}`),
  row(
    "key-value",
    "logfmt and string templates in any language; Lombok's toString in Java",
    ["Id=", "Id ", "id=", "id ", "_id=", "_id ", "_Id=", "_Id "],
    `\\b(?:sqs_?)?[mM]essage_?[iI]d ?= ?["']?${ID}${NO_MORE}`,
  ),
];

/** How the receive count is written beside the id, in any of the shapes above. Groups: esc, value. */
export const RECEIVE_COUNT =
  /\b(?:[aA]pproximate_?[rR]eceive_?[cC]ount|receive_?[cC]ount)(?<esc>\\*)["']?\s*(?:=>|[:=])\s*\\*["']?(?<value>\d{1,6})(?!\d)/g;

/** The queue that a record came from, keyed. Groups: esc, arn. */
export const EVENT_SOURCE_ARN =
  /\b[eE]vent_?[sS]ource_?(?:ARN|Arn|arn)(?<esc>\\*)["']?\s*(?:=>|[:=])\s*(?:Some\()?\\*["']?(?<arn>arn:aws[\w-]*:sqs:[\w-]*:\d*:[\w.-]+)/g;

/** The same in Go's %v, where only the neighbouring event source tells. Group: arn. */
export const POSITIONAL_SOURCE_ARN = /(?<arn>arn:aws[\w-]*:sqs:[\w-]*:\d*:[\w.-]+) aws:sqs /g;

/** Quotes, brackets, spaces and (escaped) line breaks between two fields of a record; linear to match. */
const BETWEEN = "(?:\\\\+(?!\\\\)[nrt]?|[^\\w\\\\]){1,40}";

/** What follows an id when the next key is the receipt handle: a received record. */
export const RECEIPT_HANDLE_NEXT = new RegExp(`^${BETWEEN}receipt_?handle`, "i");

/** Before and after the MessageId of an SNS envelope: that id is SNS's own, never an SQS one. */
export const SNS_BEFORE = new RegExp(`\\bType${BETWEEN}Notification${BETWEEN}$`);
export const SNS_AFTER = new RegExp(`^${BETWEEN}TopicArn\\b`);

/** Marks of an answer to a send or publish call: a `MessageId` beside them is one that was sent. */
export const SENT_MARKS = /\$metadata|ResponseMetadata|MD5OfMessageBody|SendMessage|PublishRe/;
/** Marks of an answer to any SDK call. */
export const RESPONSE_MARKS = /\$metadata|ResponseMetadata/;
