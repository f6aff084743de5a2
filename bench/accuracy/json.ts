// The report as JSON, for programs and for comparing two runs.
import { AccuracyReport } from "./report.ts";

const DIGITS = 6;

/**
 * @returns indented JSON with numbers of at most six decimals, ending in a line break.
 * @throws {z.ZodError} when the report is not what the schema says.
 */
export function accuracyJson(report: AccuracyReport): string {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === "number" ? Number(value.toFixed(DIGITS)) : value;
  return `${JSON.stringify(AccuracyReport.parse(report), rounded, 2)}\n`;
}
