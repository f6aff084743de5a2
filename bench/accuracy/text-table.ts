// Tables and bars as plain text, so that what is printed can be pasted into the documentation as it is.
import type { Interval } from "./intervals.ts";

const GAP = "  ";
const FULL_BAR = 50;

/** The first row holds the titles. First column to the left, the others to the right. */
export function textTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(GAP)
      .trimEnd(),
  );
}

interface Bar {
  readonly label: string;
  /** 0…1; null = not measured. */
  readonly value: number | null;
}

/** Values of F1, one bar a line, its full length standing for 1. */
export function f1Bars(bars: readonly Bar[]): string[] {
  const width = Math.max(...bars.map(({ label }) => label.length));
  return bars.map(({ label, value }) => {
    const blocks = "█".repeat(Math.round((value ?? 0) * FULL_BAR));
    return [label.padEnd(width), `F1 ${decimals(value, 3).padStart(5)}`, blocks].join(GAP).trimEnd();
  });
}

/** "0.970"; "–" for what could not be measured. */
export function decimals(value: number | null, digits: number): string {
  return value === null ? "–" : value.toFixed(digits);
}

/** "0.970 (0.95–0.98)", "12.3 (9–14)"; without brackets where there is no interval. */
export function withInterval(value: number | null, interval: Interval | null, digits = 3): string {
  if (value === null || interval === null) return decimals(value, digits);
  const ends = interval.map((end) => end.toFixed(digits - 1));
  return `${value.toFixed(digits)} (${ends.join("–")})`;
}
