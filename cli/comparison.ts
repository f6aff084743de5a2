// The findings against what really happened in the simulated account.
import type { Cause } from "../core/model/delivery.ts";
import type { Finding } from "../core/model/finding.ts";
import { plural, queueName } from "../report/text/format.ts";
import type { PathTruth } from "./simulated-account.ts";

export interface ComparedPath {
  readonly queue: string;
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
    const findings = allFindings.filter((finding) => finding.queueArn === path.queueArn);
    const seen = findings.filter(({ evidence }) => evidence === "proven" || evidence === "measured");
    return {
      queue: queueName(path.queueArn),
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

/** A table and a total, ending in a line break. */
export function renderComparison(paths: readonly ComparedPath[]): string {
  const rows = paths.map((path) => ({
    ok: path.misses.length === 0,
    cells: [path.queue, path.expected.join(", "), path.found.join(", ")],
    misses: path.misses,
  }));
  const titles = ["QUEUE", "WHAT HAPPENS THERE", "WHAT WAS FOUND"];
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...rows.map(({ cells }) => (cells[index] ?? "").length)),
  );
  const line = (mark: string, cells: readonly string[]) =>
    `${mark} ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd();
  return [
    line(" ", titles),
    ...rows.flatMap(({ ok, cells, misses }) => [
      line(ok ? "✓" : "✗", cells),
      ...misses.map((miss) => `    ${miss}`),
    ]),
    "",
    total(paths),
    "",
  ].join("\n");
}

/** "26 of 26 paths as expected". */
export function total(paths: readonly ComparedPath[]): string {
  const right = paths.filter(({ misses }) => misses.length === 0).length;
  const quiet = paths.filter(({ expected }) => expected[0] === "quiet").length;
  return `Against the ground truth: ${right} of ${plural(paths.length, "path")} as expected, ${quiet} of them quiet.`;
}
