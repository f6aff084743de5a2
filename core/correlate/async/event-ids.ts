// The events of SNS, S3 and EventBridge that an application line shows, by the id that their source gave them. Like
// the message ids of SQS they are printed in each runtime's own shape; unlike those they have no receipt handle that
// would prove a received record, so each is taken only beside other fields of its event.
import { createHash } from "node:crypto";
import type { EventSource } from "../../model/async-path.ts";
import { compact } from "../compact.ts";
import { SENT_MARKS, UUID } from "../patterns.ts";
import type { LineScanner, ScannedLine } from "../scan-line.ts";

/** After a key: closing quote (escaped as deep as the JSON is nested in strings), separator, opening quote. */
const SEPARATOR = `(?<esc>\\\\*)["']?\\s*(?:=>|[:=])\\s*(?:Some\\()?\\\\*["']?`;

/** S3 documents the sequencer as hexadecimal, to be compared between events of one object key. */
const SEQUENCER = "[0-9A-Fa-f]{8,40}";

interface EventIdPattern {
  readonly kind: EventSource["kind"];
  /** Lines without it are skipped cheaply. */
  readonly gate: RegExp;
  /** Global; group `esc`: backslashes before the key's closing quote. */
  readonly regex: RegExp;
  /** What must stand near the id for it to be an event's. */
  readonly beside: RegExp;
  readonly idOf: (match: RegExpExecArray) => string;
}

const id = (match: RegExpExecArray): string => (match.groups?.["id"] ?? "").toLowerCase();

/**
 * In the order in which they are believed: an event that S3 sends through EventBridge has a sequencer too, but the
 * event is EventBridge's.
 */
const PATTERNS: readonly EventIdPattern[] = [
  {
    kind: "eventbridge",
    gate: /detail[-_]?type/i,
    regex: new RegExp(`(?<![\\w-])(?:id|Id|ID)${SEPARATOR}(?<id>${UUID})`, "g"),
    beside: /detail[-_]?type/i,
    idOf: id,
  },
  {
    kind: "sns",
    gate: /essage_?id/i,
    regex: new RegExp(`\\b(?:sns_)?[mM]essage_?[iI][dD]${SEPARATOR}(?<id>${UUID})`, "g"),
    beside: /topic_?arn|type\W{1,12}Notification|aws:sns/i,
    idOf: id,
  },
  {
    kind: "s3",
    gate: /equencer/,
    // The key is hashed at once: it may name a person.
    regex: new RegExp(
      `\\b[kK]ey${SEPARATOR}(?<key>[^"'\\s\\\\,}]{1,1024})[^]{1,400}?\\b[sS]equencer\\\\*["']?\\s*(?:=>|[:=])\\s*(?:Some\\()?\\\\*["']?(?<id>${SEQUENCER})`,
      "g",
    ),
    beside: /[sS]equencer/,
    idOf: (match) => `${id(match)}-${hashOf(match.groups?.["key"] ?? "")}`,
  },
];

/** How far round an id the other fields of its event are looked for: a message or a detail may stand between. */
const NEIGHBOURHOOD = 600;

const NOTHING: ScannedLine = {
  records: [],
  source: "not-said",
  loose: { receiveCounts: [], correlations: [] },
};

/** Finds the outermost events of a line; what their messages and details hold stands deeper. */
export const scanEvents: LineScanner = (line) => {
  const hits = PATTERNS.flatMap(({ kind, gate, regex, beside, idOf }) => {
    if (!gate.test(line) || (kind === "sns" && SENT_MARKS.test(line))) return [];
    return [...line.matchAll(regex)]
      .filter(({ 0: text, index }) =>
        beside.test(line.slice(Math.max(0, index - NEIGHBOURHOOD), index + text.length + NEIGHBOURHOOD)),
      )
      .map((match) => ({
        kind,
        depth: match.groups?.["esc"]?.length ?? 0,
        key: compact(`${kind}:${idOf(match)}`),
      }));
  });
  if (hits.length === 0) return NOTHING;
  const depth = Math.min(...hits.map((hit) => hit.depth));
  const outermost = hits.filter((hit) => hit.depth === depth);
  const kind = outermost[0]?.kind;
  const keys = new Set(outermost.filter((hit) => hit.kind === kind).map(({ key }) => key));
  return {
    ...NOTHING,
    records: [...keys].map((messageId) => ({
      messageId,
      received: true,
      receiveCount: null,
      correlations: [],
    })),
  };
};

/** What `scanEvents` calls an event: its kind and its id. */
export function splitEventKey(key: string): { readonly kind: string; readonly id: string } {
  const at = key.indexOf(":");
  return { kind: key.slice(0, at), id: key.slice(at + 1) };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
