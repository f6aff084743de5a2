// All changes at a glance: the open ones first, then those that were closed last.
import type { ChangeSummary } from "../core/model/approval-commands.ts";
import { approvalsMissing } from "../core/remediate/decide.ts";
import { utcMinute } from "../core/remediate/words.ts";
import { type Palette, palette } from "../report/colour.ts";
import { plural } from "../report/text/format.ts";
import { wrap } from "../report/text/wrap.ts";
import { isOpen, shortId } from "./approvals-find.ts";
import { plainCopy } from "./approvals-plain.ts";
import { outcomeWords, PAUSED } from "./approvals-words.ts";

const MOST_CLOSED = 20;
const GAP = "  ";
const MIN_QUEUE = 14;

interface Column {
  readonly title: string;
  readonly text: (change: ChangeSummary) => string;
  /** Lowest goes first when there is no room; absent = always shown. */
  readonly dropRank?: number;
}

const QUEUE: Column = { title: "QUEUE", text: ({ queueName }) => queueName };
const STATUS: Column = { title: "STATUS", text: outcomeWords };
const COLUMNS: readonly Column[] = [
  { title: "ID", text: shortId },
  QUEUE,
  { title: "TIMEOUT", text: ({ plan }) => `${plan.from} → ${plan.to} s`, dropRank: 4 },
  STATUS,
  { title: "ASKED (UTC)", text: ({ approval }) => minute(approval?.askedMs), dropRank: 1 },
  { title: "ENDS (UTC)", text: endsText, dropRank: 3 },
  { title: "APPROVED", text: votesText, dropRank: 2 },
];

export interface ListOptions {
  readonly columns: number;
  readonly colour: boolean;
  /** Every change that is kept. */
  readonly all: boolean;
}

/** @returns the whole list, ending in a line break. */
export function renderList(
  { changes, paused }: { readonly changes: readonly ChangeSummary[]; readonly paused: boolean },
  { columns, colour, all }: ListOptions,
): string {
  const colours = palette(colour);
  const newest = plainCopy(changes).toSorted((a, b) => latestMs(b) - latestMs(a));
  const open = newest.filter(isOpen);
  const closed = newest.filter((change) => !isOpen(change));
  const shown = [...open, ...(all ? closed : closed.slice(0, MOST_CLOSED))];
  const hidden = newest.length - shown.length;
  const waiting = open.filter(({ status }) => status === "waiting").length;
  const sections = [
    ...(paused ? [wrap(PAUSED, columns).map((line) => colours.bold(colours.yellow(line)))] : []),
    wrap(headline(open.length, waiting), columns).map(colours.bold),
    ...(shown.length === 0 ? [] : [tableLines(shown, columns, colours)]),
    ...(hidden === 0 ? [] : [[colours.dim(`and ${plural(hidden, "older change")}: --all`)]]),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const latestMs = ({ closedMs, createdMs }: ChangeSummary): number => closedMs ?? createdMs;

function headline(open: number, waiting: number): string {
  if (open === 0) return "No open change.";
  const wait = `${waiting} ${waiting === 1 ? "waits" : "wait"} for a decision`;
  return `${plural(open, "open change")}${waiting === 0 ? "" : `, ${wait}`}.`;
}

function tableLines(changes: readonly ChangeSummary[], columns: number, colours: Palette): string[] {
  const sized = fitColumns(
    COLUMNS.map((column) => ({
      column,
      width: Math.max(column.title.length, ...changes.map((change) => column.text(change).length)),
    })),
    columns,
  );
  const titles = sized.map(({ column, width }) => colours.dim(column.title.padEnd(width)));
  return [titles.join(GAP).trimEnd(), ...changes.flatMap((change) => rowLines(change, sized, colours))];
}

interface SizedColumn {
  readonly column: Column;
  readonly width: number;
}

/** Names of queues may be broken; where even that leaves no room, columns are left out. */
function fitColumns(wanted: readonly SizedColumn[], columns: number): SizedColumn[] {
  let sized = [...wanted];
  const excess = () =>
    sized.reduce((sum, { width }) => sum + width, GAP.length * (sized.length - 1)) - columns;
  const queueWidth = wanted.find(({ column }) => column === QUEUE)?.width ?? 0;
  const room = Math.max(0, queueWidth - MIN_QUEUE);
  while (excess() > room) {
    const ranks = sized.flatMap(({ column }) => column.dropRank ?? []);
    if (ranks.length === 0) break;
    sized = sized.filter(({ column }) => column.dropRank !== Math.min(...ranks));
  }
  const narrower = Math.min(room, Math.max(0, excess()));
  return sized.map((each) => (each.column === QUEUE ? { ...each, width: each.width - narrower } : each));
}

function rowLines(change: ChangeSummary, sized: readonly SizedColumn[], colours: Palette): string[] {
  const cells = sized.map(({ column, width }) => wrap(column.text(change), width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    sized
      .map(({ column, width }, index) => {
        const text = (cells[index]?.[line] ?? "").padEnd(width);
        return column === STATUS ? paintStanding(colours, change, text) : text;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** @param text the status or outcome, or a line that tells it. */
export function paintStanding(colours: Palette, { status, outcome }: ChangeSummary, text: string): string {
  if (text.trim() === "") return text;
  if (status !== "closed") return status === "waiting" ? colours.yellow(text) : colours.cyan(text);
  switch (outcome) {
    case "better":
      return colours.green(text);
    case "worse":
    case "failed":
      return colours.red(text);
    default:
      return colours.dim(text);
  }
}

function endsText({ status, approval, observation, closedMs }: ChangeSummary): string {
  if (status === "closed") return closedMs === undefined ? "" : `closed ${minute(closedMs)}`;
  if (status === "waiting") return approval === undefined ? "" : `expires ${minute(approval.expiresMs)}`;
  return observation === undefined ? "" : `watched to ${minute(observation.endMs)}`;
}

const minute = (timeMs: number | undefined): string =>
  timeMs === undefined ? "" : utcMinute(timeMs).replace(" UTC", "");

/** "1 of 2", "1 of 2, 1 no". */
export function votesText(change: ChangeSummary): string {
  const { mode, approval, decisions } = change;
  if (approval === undefined) return mode === "auto" ? "not needed" : "";
  const noes = decisions.filter(({ verdict }) => verdict === "reject").length;
  const given = approval.quorum - approvalsMissing(change);
  return `${given} of ${approval.quorum}${noes === 0 ? "" : `, ${noes} no`}`;
}
