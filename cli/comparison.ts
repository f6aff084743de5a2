// The findings against what really happened in the simulated account.
import type { Cause } from "../core/model/delivery.ts";
import { type Finding, pathArn } from "../core/model/finding.ts";
import { plural, queueName } from "../report/text/format.ts";
import { truncate } from "../report/text/wrap.ts";
import type { PathTruth } from "./simulated-account.ts";

export interface ComparedPath {
  /** Name of its queue, or of its function where no queue stands between. */
  readonly path: string;
  readonly scenario: string;
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** What is wrong, in words; empty = as expected. */
  readonly misses: readonly string[];
}

/** @returns one entry a path, in the order of the truths. */
export function compareWithTruth(
  allFindings: readonly Finding[],
  truths: readonly PathTruth[],
): ComparedPath[] {
  return truths.map((path) => {
    const arn = "queueArn" in path ? path.queueArn : path.functionArn;
    const findings = allFindings.filter((finding) => pathArn(finding) === arn);
    const seen = findings.filter(({ evidence }) => evidence === "proven" || evidence === "measured");
    return {
      path: queueName(arn),
      scenario: path.scenario,
      expected: path.quiet ? ["quiet"] : path.causes,
      found: seen.length === 0 ? ["quiet"] : seen.map(({ cause, evidence }) => `${cause} (${evidence})`),
      misses: [
        ...missingCauses(path, seen),
        ...falseProofs(findings, path.redeliveriesByCause),
        ...noise(path, findings),
        ...planProblems(path, findings),
      ],
    };
  });
}

function missingCauses({ quiet, causes }: PathTruth, seen: readonly Finding[]): string[] {
  if (quiet) return [];
  return causes
    .filter((cause) => !seen.some((finding) => finding.cause === cause))
    .map((cause) => `${cause} not found`);
}

/** The worst that a detector can do: proof of something that never happened. */
function falseProofs(
  findings: readonly Finding[],
  happened: Readonly<Partial<Record<Cause, number>>>,
): string[] {
  return findings
    .filter(
      ({ evidence, cause }) => evidence === "proven" && cause !== "unknown" && (happened[cause] ?? 0) === 0,
    )
    .map(({ cause }) => `${cause} called proven, but never happened`);
}

function noise({ quiet }: PathTruth, findings: readonly Finding[]): string[] {
  if (!quiet) return [];
  return findings
    .filter(({ evidence }) => evidence !== "advisory")
    .map(({ cause, evidence }) => `${cause} (${evidence}) on a path that is fine`);
}

function planProblems({ planExpected }: PathTruth, findings: readonly Finding[]): string[] {
  const planned = findings.some(({ plan }) => plan !== undefined);
  if (planned === planExpected) return [];
  return [planned ? "a plan where none helps" : "no plan where one would help"];
}

/** More paths than this are counted, not named. */
const MAX_NAMED = 2;
const MAX_COLUMNS = 100;

/** A line for each thing that happens, what is wrong by path, and a total; ends in a line break. */
export function renderComparison(paths: readonly ComparedPath[]): string {
  const groups = [...Map.groupBy(paths, ({ expected }) => expected.join(", "))];
  const rows = groups.map(([expected, group]) => {
    const wrong = group.filter(({ misses }) => misses.length > 0);
    return {
      mark: wrong.length === 0 ? "✓" : "✗",
      cells: [
        expected,
        `${group.length - wrong.length} of ${group.length}`,
        foundText(expected, group),
        names(group),
      ],
      misses: wrong.flatMap(({ path, misses }) => misses.map((miss) => `    ${path}: ${miss}`)),
    };
  });
  const titles = ["WHAT HAPPENS THERE", "RIGHT", "WHAT WAS FOUND", "PATHS"];
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...rows.map(({ cells }) => (cells[index] ?? "").length)),
  );
  const line = (mark: string, cells: readonly string[]) =>
    truncate(
      `${mark} ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd(),
      MAX_COLUMNS,
    );
  return [
    line(" ", titles),
    ...rows.flatMap(({ mark, cells, misses }) => [line(mark, cells), ...misses]),
    "",
    total(paths),
    "",
  ].join("\n");
}

/** "7 × proven, 1 × measured"; only other causes than what happens there are named. */
function foundText(expected: string, group: readonly ComparedPath[]): string {
  const counts = Map.groupBy(
    group.flatMap(({ found }) => found),
    (found) => (found.startsWith(`${expected} (`) ? found.slice(expected.length + 2, -1) : found),
  );
  return [...counts]
    .map(([found, { length }]) => (group.length === 1 ? found : `${length} × ${found}`))
    .join(", ");
}

function names(group: readonly ComparedPath[]): string {
  return group.length > MAX_NAMED ? "" : group.map(({ path }) => path).join(", ");
}

/** "26 of 26 paths as expected". */
export function total(paths: readonly ComparedPath[]): string {
  const right = paths.filter(({ misses }) => misses.length === 0).length;
  const quiet = paths.filter(({ expected }) => expected[0] === "quiet").length;
  return `Against the ground truth: ${right} of ${plural(paths.length, "path")} as expected, ${quiet} of them quiet.`;
}
