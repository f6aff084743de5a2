// One message's deliveries drawn to scale: people see an overlap faster than they read of it.
import type { Finding } from "../core/model/finding.ts";
import { formatDurationMs } from "./text/format.ts";
import { plainText } from "./text/sanitise.ts";
import { truncate } from "./text/wrap.ts";

type Example = Finding["examples"][number];
type ExampleDelivery = Example["deliveries"][number];

/** Deliveries drawn of one message; the rest is counted. */
const MAX_ROWS = 6;
const MAX_BAR = 60;
/** Shorter bars show nothing. */
const MIN_BAR = 10;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Lines no wider than `columns`: a row a delivery, `━` while its invocation ran alone, `█` while another
 * invocation had the same message, and an axis. Without times, or room, the deliveries are only listed.
 */
export function renderTimeline(example: Example, columns: number): string[] {
  const shown = example.deliveries.slice(0, MAX_ROWS);
  const spans = example.deliveries.map(toSpan);
  const known = spans.slice(0, MAX_ROWS).filter((span) => span !== null);
  const labels = shown.map((delivery, index) => `${index + 1}  ${label(delivery, example)}`);
  const outcomes = shown.map(outcomeText);
  const labelWidth = Math.max(...labels.map((text) => text.length));
  const outcomeWidth = Math.max(...outcomes.map((text) => text.length));
  const indent = " ".repeat(labelWidth + 2);
  const hidden = example.deliveries.length - shown.length;
  const rest = hidden > 0 ? [`${indent}and ${hidden} more`] : [];
  const barWidth = Math.min(MAX_BAR, columns - labelWidth - outcomeWidth - 4);
  if (known.length === 0 || barWidth < MIN_BAR) {
    const list = labels.map((text, index) => `${text.padEnd(labelWidth)}  ${outcomes[index]}`);
    return [...list, ...rest].map((line) => truncate(line, columns));
  }
  const startMs = Math.min(...known.map((span) => span.startMs));
  const endMs = Math.max(startMs + 1, ...known.map((span) => span.endMs));
  const scale = { startMs, msPerCell: (endMs - startMs) / barWidth, barWidth };

  const rows = shown.map((_, index) => {
    const others = spans.filter((_span, other) => other !== index).filter((span) => span !== null);
    const bar = drawBar(spans[index] ?? null, others, scale);
    return `${labels[index]?.padEnd(labelWidth)}  ${bar}  ${outcomes[index]}`.trimEnd();
  });
  const left = axisTime(startMs, endMs - startMs);
  const right = axisTime(endMs, endMs - startMs);
  const axis = `${indent}${left}${right.padStart(Math.max(barWidth - left.length, right.length + 1))}`;
  return [...rows, axis, ...rest];
}

/** True when two deliveries of the example were at work at the same time. */
export function overlaps(example: Example): boolean {
  const spans = example.deliveries.map(toSpan).filter((span) => span !== null);
  return spans.some((a, index) =>
    spans.slice(index + 1).some((b) => a.startMs < b.endMs && b.startMs < a.endMs),
  );
}

function toSpan({ startedAt, endedAt }: ExampleDelivery): Span | null {
  if (startedAt === null) return null;
  const startMs = Date.parse(startedAt);
  return { startMs, endMs: endedAt === null ? startMs : Date.parse(endedAt) };
}

function drawBar(
  span: Span | null,
  others: readonly Span[],
  scale: { startMs: number; msPerCell: number; barWidth: number },
): string {
  if (span === null) return "?".padEnd(scale.barWidth);
  const cell = (timeMs: number) => Math.floor((timeMs - scale.startMs) / scale.msPerCell);
  const first = Math.min(cell(span.startMs), scale.barWidth - 1);
  const last = Math.max(
    first,
    Math.min(Math.ceil((span.endMs - scale.startMs) / scale.msPerCell) - 1, scale.barWidth - 1),
  );
  let bar = " ".repeat(first);
  for (let at = first; at <= last; at += 1) {
    const from = Math.max(span.startMs, scale.startMs + at * scale.msPerCell);
    const to = Math.min(span.endMs, scale.startMs + (at + 1) * scale.msPerCell);
    bar += others.some((other) => other.startMs < to && other.endMs > from) ? "█" : "━";
  }
  return bar.padEnd(scale.barWidth);
}

/** What tells the rows apart: function names or message ids where they differ, otherwise request ids. */
function label(delivery: ExampleDelivery, example: Example): string {
  if (delivery.messageId !== undefined) return shortId(delivery.messageId);
  const functions = new Set(example.deliveries.map((each) => each.functionArn));
  if (functions.size === 1) return shortId(delivery.requestId);
  const name = plainText(delivery.functionArn.split(":").at(6) ?? delivery.functionArn);
  return name.length <= 24 ? name : `${name.slice(0, 23)}…`;
}

/** The first block of a UUID: enough to find it in the logs of that minute. */
function shortId(id: string): string {
  return plainText(id).slice(0, 8);
}

function outcomeText({ startedAt, endedAt, timesFromLines, outcome, receiveCount }: ExampleDelivery): string {
  const parts: string[] = [];
  if (startedAt !== null && endedAt !== null) {
    const duration = formatDurationMs(Date.parse(endedAt) - Date.parse(startedAt));
    parts.push(timesFromLines ? `at least ${duration}` : duration);
  }
  if (startedAt === null) parts.push("times not logged");
  if (outcome !== "unknown") parts.push(outcome);
  else if (startedAt !== null) parts.push("end unknown");
  if (receiveCount !== null) parts.push(`receive ${receiveCount}`);
  return parts.join(", ");
}

function axisTime(timeMs: number, spanMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return spanMs < 10_000 ? iso.slice(11, 23) : iso.slice(11, 19);
}
