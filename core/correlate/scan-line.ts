// One application line → the received records that it shows, each with its own receive count and correlation
// ids, joined by their position in the line.
import type { CorrelationField, ScanSettings } from "../model/settings.ts";
import { allMatches } from "./all-matches.ts";
import { compact } from "./compact.ts";
import { compilePattern, correlationFinder, type FoundCorrelation } from "./correlation-fields.ts";
import { SNS_FIELD } from "./observations.ts";
import {
  EVENT_SOURCE_ARN,
  ID_KEY,
  KEY_TAIL,
  MESSAGE_ID_PATTERNS,
  type MessageIdPattern,
  POSITIONAL_SOURCE_ARN,
  RECEIPT_HANDLE_NEXT,
  RECEIVE_COUNT,
  RESPONSE_MARKS,
  SENT_MARKS,
  SNS_AFTER,
  SNS_BEFORE,
} from "./patterns.ts";

export interface FieldValue {
  readonly field: string;
  readonly value: string;
}

interface ScannedRecord {
  readonly messageId: string;
  /** True when the line shows the record as received (its receipt handle beside it), not just an id. */
  readonly received: boolean;
  readonly receiveCount: number | null;
  readonly correlations: readonly FieldValue[];
}

export interface ScannedLine {
  readonly records: readonly ScannedRecord[];
  /** What the line says about the queue that its records came from. */
  readonly source: "this-queue" | "another-queue" | "not-said";
  /** Found where no record of the line could own them. */
  readonly loose: { readonly receiveCounts: readonly number[]; readonly correlations: readonly FieldValue[] };
}

export type LineScanner = (line: string) => ScannedLine;

interface Hit {
  readonly messageId: string;
  readonly shape: string;
  readonly at: number;
  readonly end: number;
  /** Backslashes before the key's closing quote: 0 at the top, more inside strings. */
  readonly depth: number;
  readonly received: boolean;
  /** False where its neighbours have no keys either. */
  readonly keyed: boolean;
  /** `MessageId` with a capital M: also what SDK answers call the id of a message that was sent. */
  readonly capital: boolean;
}

interface Found {
  readonly value: string;
  readonly at: number;
  readonly depth: number;
}

const NO_HITS: { readonly hits: readonly Hit[]; readonly sns: readonly FoundCorrelation[] } = {
  hits: [],
  sns: [],
};
const NO_LOOSE: ScannedLine["loose"] = { receiveCounts: [], correlations: [] };
const NOTHING: ScannedLine = { records: [], source: "not-said", loose: NO_LOOSE };
const WITHOUT_KEYS = MESSAGE_ID_PATTERNS.filter(({ keyTails }) => keyTails.length === 0);
/** How far round an id the marks of an SNS envelope and the receipt handle are looked for. */
const NEIGHBOURHOOD = 100;

/**
 * A scanner for the lines of one path's consumers.
 * @param queueArn records that name another event source are not this path's.
 * @throws ConfigError when a pattern of the settings is no regular expression.
 */
export function lineScanner(
  settings: Pick<ScanSettings, "messageIdPatterns"> & {
    readonly correlationFields: readonly CorrelationField[];
  },
  queueArn: string,
): LineScanner {
  const custom = settings.messageIdPatterns.map(compilePattern);
  const finder = correlationFinder(settings.correlationFields);
  return (line) => {
    const found = idHits(line);
    const hits = joined(receivedHits(line, found.hits), customHits(line, custom));
    const correlations = joined(finder.find(line), found.sns);
    const counts = valuesOf(line, RECEIVE_COUNT, "value", "eceive");
    if (hits.length === 0) {
      if (counts.length === 0 && correlations.length === 0) return NOTHING;
      return {
        ...NOTHING,
        loose: {
          receiveCounts: counts.map((c) => Number(c.value)),
          correlations: firstOfEachField(correlations),
        },
      };
    }
    const positional = hits.some(({ keyed }) => !keyed);
    const sources = joined(
      valuesOf(line, EVENT_SOURCE_ARN, "arn", "arn:aws"),
      positional ? valuesOf(line, POSITIONAL_SOURCE_ARN, "arn", " aws:sqs ") : [],
    );
    return joinByPosition(line, hits, { counts, sources, correlations }, queueArn);
  };
}

function idHits(line: string): typeof NO_HITS {
  const shapes = shapesOf(line);
  if (shapes.length === 0) return NO_HITS;
  const hits: Hit[] = [];
  const sns: FoundCorrelation[] = [];
  for (const { name, keyTails, regex, received } of shapes) {
    for (const match of allMatches(line, regex)) {
      const at = match.index;
      const end = at + match[0].length;
      const messageId = compact(groupOf(match, "id").toLowerCase());
      const after = line.slice(end, end + NEIGHBOURHOOD);
      const before = line.slice(Math.max(0, at - NEIGHBOURHOOD), at);
      if (SNS_AFTER.test(after) || (before.includes("Notification") && SNS_BEFORE.test(before))) {
        sns.push({ field: SNS_FIELD, value: messageId, at });
        continue;
      }
      hits.push({
        messageId,
        shape: name,
        at,
        end,
        depth: groupOf(match, "esc").length,
        received: received || RECEIPT_HANDLE_NEXT.test(after),
        keyed: keyTails.length > 0,
        capital: match[0].includes("MessageId"),
      });
    }
  }
  return { hits: hits.sort((a, b) => a.at - b.at), sns };
}

/** The shapes that ids of the line may have: few lines have any. */
function shapesOf(line: string): readonly MessageIdPattern[] {
  if (!line.includes(ID_KEY)) return line.includes("{") ? WITHOUT_KEYS : [];
  const tails = new Set(allMatches(line, KEY_TAIL).map((match) => match[1]));
  return MESSAGE_ID_PATTERNS.filter(
    ({ keyTails }) => keyTails.length === 0 || keyTails.some((tail) => tails.has(tail)),
  );
}

/**
 * Of all ids in a line those of its outermost records. A body may hold ids, even whole events, of its own: they
 * stand deeper in the JSON, or in another shape than the record round them. Where no record shows a receipt
 * handle, bare ids are taken, but none that an SDK call answered with.
 */
function receivedHits(line: string, hits: readonly Hit[]): readonly Hit[] {
  if (hits.length === 0) return hits;
  const depth = Math.min(...hits.map((hit) => hit.depth));
  const outer = hits.filter((hit) => hit.depth === depth);
  const first = outer.find((hit) => hit.received);
  if (!first) {
    const sent = outer.some((hit) => hit.capital) && SENT_MARKS.test(line);
    return outer.filter((hit) => !(hit.capital && sent));
  }
  const received = outer.filter((hit) => hit.received && hit.shape === first.shape);
  return received.some((hit) => hit.capital) && RESPONSE_MARKS.test(line) ? [] : received;
}

/** Whoever configures a pattern says that it finds received messages. */
function customHits(line: string, patterns: readonly RegExp[]): readonly Hit[] {
  return patterns.flatMap((regex) =>
    allMatches(line, regex).flatMap(({ 0: text, 1: id, index: at }) => {
      if (!id) return [];
      const end = at + text.length;
      const messageId = compact(id.toLowerCase());
      return [
        { messageId, shape: "custom", at, end, depth: 0, received: true, keyed: false, capital: false },
      ];
    }),
  );
}

function joinByPosition(
  line: string,
  hits: readonly Hit[],
  found: {
    readonly counts: readonly Found[];
    readonly sources: readonly Found[];
    readonly correlations: readonly FoundCorrelation[];
  },
  queueArn: string,
): ScannedLine {
  const ordered = [...hits]
    .sort((a, b) => a.at - b.at)
    .filter((hit, i, all) => hit.messageId !== all[i - 1]?.messageId);
  const first = ordered[0]?.at ?? 0;
  // Printers that sort keys put a record's attributes before its id; all others after it.
  const isBefore = ({ at }: Found) => at < first;
  const before = found.counts.some(isBefore) || found.sources.some(isBefore);
  const records = new Map<string, ScannedRecord>();
  let stated: ScannedLine["source"] = "not-said";
  ordered.forEach((hit, i) => {
    const alone = ordered.length === 1;
    const from = alone ? 0 : before ? (ordered[i - 1]?.end ?? 0) : hit.at;
    const to = alone ? line.length : before ? hit.end : (ordered[i + 1]?.at ?? line.length);
    const isMine = ({ at }: { readonly at: number }) => at >= from && at < to;
    const isOwn = (one: Found) => isMine(one) && (hit.shape === "custom" || one.depth === hit.depth);
    const source = found.sources.find(isOwn)?.value;
    if (source !== undefined) stated = source === queueArn ? "this-queue" : "another-queue";
    if (source !== undefined && source !== queueArn) return;
    if (records.has(hit.messageId)) return;
    const count = found.counts.find(isOwn)?.value;
    records.set(hit.messageId, {
      messageId: hit.messageId,
      received: hit.received,
      receiveCount: count === undefined ? null : Number(count),
      correlations: firstOfEachField(found.correlations.filter(isMine)),
    });
  });
  return { records: [...records.values()], source: stated, loose: NO_LOOSE };
}

function firstOfEachField(found: readonly FoundCorrelation[]): readonly FieldValue[] {
  if (found.length === 0) return NO_LOOSE.correlations;
  const fields = new Map<string, FieldValue>();
  for (const { field, value } of found) if (!fields.has(field)) fields.set(field, { field, value });
  return [...fields.values()];
}

/** Both lists; most often one is empty, and nothing is copied. */
function joined<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (b.length === 0) return a;
  return a.length === 0 ? b : [...a, ...b];
}

/** A named group's text; empty when the shape has no such group. */
function groupOf(match: RegExpExecArray, name: string): string {
  return match.groups?.[name] ?? "";
}

function valuesOf(line: string, regex: RegExp, group: string, gate: string): readonly Found[] {
  if (!line.includes(gate)) return [];
  return allMatches(line, regex).map((match) => ({
    value: groupOf(match, group),
    at: match.index,
    depth: groupOf(match, "esc").length,
  }));
}
