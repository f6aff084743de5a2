// The delivery paths, a line each: as many columns as the terminal has room for.
import { type Palette, paintVerdict } from "./colour.ts";
import type { PathRow } from "./overview.ts";
import { wrap } from "./text/wrap.ts";

interface Column {
  readonly title: string;
  readonly text: (row: PathRow) => string;
  readonly paint?: (colours: Palette, row: PathRow, text: string) => string;
  /** Names may be broken into lines, down to this width; absent = never broken. */
  readonly minWidth?: number;
  /** Lowest goes first when there is no room; absent = always shown. */
  readonly dropRank?: number;
}

const COLUMNS: readonly Column[] = [
  { title: "QUEUE", text: (row) => row.queue, minWidth: 14 },
  { title: "FUNCTION", text: (row) => row.functions.join(", "), minWidth: 14, dropRank: 1 },
  {
    title: "VERDICT",
    text: (row) => row.verdict,
    paint: (colours, row, text) => paintVerdict(colours, row.verdict, text),
  },
  { title: "CAUSE", text: (row) => (row.more === 0 ? row.cause : `${row.cause} +${row.more}`) },
  { title: "EVIDENCE", text: (row) => row.evidence, dropRank: 4 },
  { title: "MESSAGES", text: (row) => row.messages, dropRank: 2 },
  { title: "TIMEOUT", text: (row) => row.timeout, dropRank: 3 },
];

const GAP = 2;
/** Narrower terminals get a list in place of the table. */
const MIN_TABLE_COLUMNS = 64;
const LIST_INDENT = " ".repeat("duplicating".length + GAP);

/** @param columns width of the terminal; no line is wider. */
export function renderPaths(rows: readonly PathRow[], columns: number, colours: Palette): string[] {
  return columns < MIN_TABLE_COLUMNS
    ? renderList(rows, columns, colours)
    : renderTable(rows, columns, colours);
}

interface SizedColumn {
  readonly column: Column;
  readonly width: number;
}

function renderTable(rows: readonly PathRow[], columns: number, colours: Palette): string[] {
  const sized = fitColumns(
    COLUMNS.filter(({ text }) => rows.some((row) => text(row) !== "")).map((column) => ({
      column,
      width: Math.max(column.title.length, ...rows.map((row) => column.text(row).length)),
    })),
    columns,
  );
  const titles = sized.map(
    ({ column, width }) => colours.dim(column.title) + " ".repeat(width - column.title.length),
  );
  return [titles, ...rows.flatMap((row) => rowLines(row, sized, colours))].map((cells) =>
    cells.join(" ".repeat(GAP)).trimEnd(),
  );
}

/** Drops columns while there is no room even for broken names, then narrows the widest breakable one. */
function fitColumns(wanted: readonly SizedColumn[], columns: number): SizedColumn[] {
  let sized = [...wanted];
  const total = (widthOf: (each: SizedColumn) => number) =>
    sized.reduce((sum, each) => sum + widthOf(each) + GAP, -GAP);
  const minimum = ({ column, width }: SizedColumn) => Math.min(width, column.minWidth ?? width);
  while (total(minimum) > columns) {
    const ranks = sized.flatMap(({ column }) => column.dropRank ?? []);
    if (ranks.length === 0) break;
    sized = sized.filter(({ column }) => column.dropRank !== Math.min(...ranks));
  }
  for (let excess = total(({ width }) => width) - columns; excess > 0; excess -= 1) {
    const shrinkable = sized.filter((each) => each.width > minimum(each));
    const widest = shrinkable.toSorted((a, b) => b.width - a.width)[0];
    if (widest === undefined) break;
    sized = sized.map((each) => (each === widest ? { ...each, width: each.width - 1 } : each));
  }
  return sized;
}

function rowLines(row: PathRow, sized: readonly SizedColumn[], colours: Palette): string[][] {
  const cells = sized.map(({ column, width }) => wrap(column.text(row), width));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    sized.map(({ column, width }, index) => {
      const text = cells[index]?.[line] ?? "";
      const painted = text === "" ? "" : (column.paint?.(colours, row, text) ?? text);
      return painted + " ".repeat(width - text.length);
    }),
  );
}

function renderList(rows: readonly PathRow[], columns: number, colours: Palette): string[] {
  return rows.flatMap((row) => {
    const [first = "", ...rest] = wrap(row.queue, columns - LIST_INDENT.length);
    const verdict = paintVerdict(colours, row.verdict, row.verdict);
    const details = [
      row.cause === "" ? "" : `${row.cause} (${row.evidence})`,
      row.messages === "" ? "" : `messages: ${row.messages}`,
      row.timeout,
    ].filter((text) => text !== "");
    return [
      verdict + LIST_INDENT.slice(row.verdict.length) + first,
      ...rest.map((line) => LIST_INDENT + line),
      ...(details.length === 0 ? [] : wrap(details.join(", "), columns, LIST_INDENT)),
    ];
  });
}
