// The targets, and whether this run met them. What was not run is neither met nor missed.
import { billOf, monthOf, totalOf } from "./bill.ts";
import { gigabyteSeconds } from "./lambda.ts";
import type { ScanReport, SizeReport } from "./report.ts";
import { JUDGED } from "./schedules.ts";
import type { ScanRun } from "./simulate-scan.ts";

export interface Target {
  readonly name: string;
  readonly goal: string;
  /** null = not measured. */
  readonly value: number | null;
  readonly digits: number;
  /** Incomplete: it would be met, by a scan that gave up reads and so did less than it should. */
  readonly status: "met" | "missed" | "incomplete" | "not run";
}

const MEGABYTE = 1024 * 1024;
/** Refused calls wait for random times before they are tried again: 100 paths vary by a tenth from run to run. */
const LINEAR = 1.2;

export function judgeTargets(report: ScanReport): Target[] {
  const { sizes } = report;
  const of = (paths: number) => sizes.find((size) => size.paths === paths);
  const thousand = of(1000);
  const run = thousand && judgedScan(thousand);
  return [
    atMost("wall time of 1,000 paths (s)", 60, run && run.wallMs / 1000, 1, isComplete(run)),
    atMost("most memory of a function, 1,000 paths (MB)", 256, mostMemoryMb(thousand), 0),
    ...sizes.map((size) => {
      const judged = judgedScan(size);
      const name = `calls above a quota, ${size.paths.toLocaleString("en-US")} paths`;
      return atMost(name, 0, judged && refusedOf(judged), 0);
    }),
    bill(of(100), 100, 2, report),
    bill(thousand, 1000, 20, report),
    ...growth(report),
    ...sizes.map(readAll),
  ];
}

/** The later one of the schedule that the targets are about; a first one that failed stays for what it would be. */
export function judgedScan({ scans }: SizeReport): ScanRun | undefined {
  const judged = scans.find(({ schedule }) => schedule.name === JUDGED);
  return judged?.usual ?? judged?.first;
}

/** True when a run with `--check` fails. */
export function hasMissed(targets: readonly Target[]): boolean {
  return targets.some(({ status }) => status === "missed" || status === "incomplete");
}

export function refusedOf({ network }: ScanRun): number {
  return Object.values(network.refused).reduce((sum, refused) => sum + refused, 0);
}

export function gigabyteSecondsOf({ invocations }: ScanRun): number {
  return invocations.reduce((sum, one) => sum + gigabyteSeconds(one), 0);
}

/** It did not fail. */
export function isWhole({ paths }: ScanRun): boolean {
  return paths > 0;
}

/** It read all that it wanted to. */
function isComplete(run: ScanRun | undefined): boolean {
  return run?.problems.length === 0;
}

function bill(size: SizeReport | undefined, paths: number, goal: number, { deployment }: ScanReport): Target {
  const name = `bill of ${paths.toLocaleString("en-US")} paths, ${JUDGED} ($ a month)`;
  const scan = size?.scans.find(({ schedule }) => schedule.name === JUDGED);
  const usual = scan?.usual;
  const usd =
    scan !== undefined && usual !== undefined && isWhole(usual)
      ? totalOf(monthOf(usual, scan.schedule, deployment))
      : undefined;
  return atMost(name, goal, usd, 2, isComplete(usual));
}

function mostMemoryMb(size: SizeReport | undefined): number | undefined {
  const peaks = Object.values(size?.functions ?? {}).map(({ peakBytes }) => peakBytes / MEGABYTE);
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

/** What a path takes in the largest account, against what it takes in the smallest. */
function growth({ sizes }: ScanReport): Target[] {
  const whole = sizes.flatMap((size) => {
    const run = judgedScan(size);
    return run !== undefined && isWhole(run) ? [{ paths: size.paths, run }] : [];
  });
  const [smallest, largest] = [whole.at(0), whole.at(-1)];
  const compared = smallest !== undefined && largest !== undefined && smallest !== largest;
  const title = compared ? `${smallest.paths} to ${largest.paths} paths` : "by size";
  const per = (amountOf: (run: ScanRun) => number) =>
    compared ? amountOf(largest.run) / largest.paths / (amountOf(smallest.run) / smallest.paths) : undefined;
  const judge = (what: string, amountOf: (run: ScanRun) => number) =>
    atMost(`${what} a path, ${title} (times)`, LINEAR, per(amountOf), 2, isComplete(largest?.run));
  return [
    judge("wall time", ({ wallMs }) => wallMs),
    judge("Lambda GB-s", gigabyteSecondsOf),
    judge("cost", (run) => totalOf(billOf(run))),
  ];
}

/** A scan that fails has one problem, its error. */
function readAll(size: SizeReport): Target {
  const name = `reads given up, ${size.paths.toLocaleString("en-US")} paths`;
  return atMost(name, 0, judgedScan(size)?.problems.length, 0);
}

function atMost(
  name: string,
  most: number,
  value: number | undefined,
  digits: number,
  complete = true,
): Target {
  const goal = most === 0 ? "0" : `≤ ${most}`;
  if (value === undefined) return { name, goal, value: null, digits, status: "not run" };
  const status = value > most ? "missed" : complete ? "met" : "incomplete";
  return { name, goal, value, digits, status };
}
