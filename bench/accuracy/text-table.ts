// Tables and bars as plain text, so that what is printed can be pasted into the documentation as it is.
import type { Interval } from "./intervals.ts";

const FULL_BAR = 50;

/**
 * The first row holds the titles. First column to the left, the others to the right.
 * @param gap between columns.
 */
export function textTable(rows: readonly (readonly string[])[], gap = "  "): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join(gap)
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
    return `${label.padEnd(width)}  F1 ${decimals(value, 3).padStart(5)}  ${blocks}`.trimEnd();
  });
}

/** "0.970"; "–" for what could not be measured. */
export function decimals(value: number | null, digits: number): string {
  return value === null ? "–" : value.toFixed(digits);
}

/**
 * "0.970 (0.95–0.98)", "12.3 (9–14)": the ends with one digit less, rounded outwards, so that the value never lies
 * outside; without brackets where there is no interval.
 */
export function withInterval(value: number | null, interval: Interval | null, digits = 3): string {
  if (value === null || interval === null) return decimals(value, digits);
  const scale = 10 ** (digits - 1);
  const low = Math.floor(interval[0] * scale) / scale;
  const high = Math.ceil(interval[1] * scale) / scale;
  return `${value.toFixed(digits)} (${low.toFixed(digits - 1)}–${high.toFixed(digits - 1)})`;
}

/** In four characters at most: "9999", "12k", "1.2M", "12M"; "·" for none. */
export function shortCount(count: number): string {
  if (count === 0) return "·";
  if (count < 10_000) return String(count);
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${(count / 1e6).toFixed(count < 9_950_000 ? 1 : 0)}M`;
}
