// The report as text, so that it can be pasted into the documentation as it is.
import { decimals, textTable } from "../accuracy/text-table.ts";
import { BILL_ITEMS, type BillItem, billOf, monthOf, monthWithAllowances, totalOf } from "./bill.ts";
import { SCAN_STATES } from "./functions.ts";
import { gigabyteSeconds } from "./lambda.ts";
import { QUOTAS } from "./quotas.ts";
import type { ScanReport, SizeReport } from "./report.ts";
import { JUDGED } from "./schedules.ts";
import type { ScanRun } from "./simulate-scan.ts";
import { gigabyteSecondsOf, isWhole, judgedScan, judgeTargets, refusedOf } from "./targets.ts";

const MEGABYTE = 1024 * 1024;
const ITEM_TITLES: Readonly<Record<BillItem, string>> = {
  metrics: "CloudWatch metrics",
  logs: "Logs Insights",
  sqs: "SQS requests",
  stepFunctions: "Step Functions",
  lambda: "Lambda",
  dynamoDb: "DynamoDB",
  alarms: "alarms",
  ownMetrics: "metrics of its own",
};

/** @returns the whole report, ending in a line break. */
export function renderScan(report: ScanReport): string {
  const { sizes } = report;
  const sections = [
    header(report),
    titled("Targets", targetTable(report)),
    titled("One scan", scanTable(sizes)),
    titled(`AWS calls of one scan, ${JUDGED}`, callTable(sizes)),
    ...sizes.map((size) => titled(`Functions, ${count(size.paths)} paths`, functionTable(size, report))),
    titled("Bill a month ($)", billTable(report)),
    ...problems(sizes),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function titled(title: string, lines: readonly string[]): string[] {
  return [title, "─".repeat(title.length), ...lines];
}

function header({ seed, mapConcurrency, batchSize, sizes }: ScanReport): string[] {
  const took = sizes.map(({ paths, tookSeconds }) => `${count(paths)} paths ${Math.round(tookSeconds)} s`);
  return [
    `The workflow over simulated accounts (seed ${seed}), ${batchSize} paths a batch, ${mapConcurrency} batches at once.`,
    `Times on a virtual clock; the benchmark itself took: ${took.join(", ")}.`,
  ];
}

function targetTable(report: ScanReport): string[] {
  return textTable([
    ["TARGET", "GOAL", "MEASURED", "STATUS"],
    ...judgeTargets(report).map(({ name, goal, value, digits, status }) => [
      name,
      goal,
      decimals(value, digits),
      status,
    ]),
  ]);
}

function runsOf({ scans }: SizeReport): { readonly title: string; readonly run: ScanRun }[] {
  return scans.flatMap(({ schedule, first, firstReadLogs, usual }) => {
    const { name, lookbackMinutes } = schedule;
    const back = `${name}, ${lookbackMinutes / 60} h back`;
    const title = `${back}, first${firstReadLogs ? "" : ", no logs"}`;
    const firsts = name === JUDGED || usual === undefined ? [{ title, run: first }] : [];
    return [...firsts, ...(usual === undefined ? [] : [{ title: back, run: usual }])];
  });
}

function scanTable(sizes: readonly SizeReport[]): string[] {
  const rows = sizes.flatMap((size) =>
    runsOf(size).map(({ title, run }) => [
      `${count(size.paths)} paths, ${title}`,
      (run.wallMs / 1000).toFixed(1),
      count(Object.values(run.network.calls).reduce((sum, calls) => sum + calls, 0)),
      count(refusedOf(run)),
      count(run.network.metrics),
      (run.network.logBytes / 1e9).toFixed(2),
      count(run.transitions),
      count(run.children.length),
      gigabyteSecondsOf(run).toFixed(0),
      isWhole(run) ? totalOf(billOf(run)).toFixed(4) : "failed",
    ]),
  );
  const titles = [
    "SCAN",
    "WALL s",
    "CALLS",
    "REFUSED",
    "METRICS",
    "LOGS GB",
    "TRANSITIONS",
    "CHILDREN",
    "GB-s",
    "COST $",
  ];
  return textTable([titles, ...rows]);
}

function callTable(sizes: readonly SizeReport[]): string[] {
  const runs = sizes.flatMap((size) => {
    const run = judgedScan(size);
    return run === undefined ? [] : [{ paths: size.paths, run }];
  });
  const names = [...new Set(runs.flatMap(({ run }) => Object.keys(run.network.calls)))].sort();
  return textTable([
    ["CALL", "QUOTA/s", ...runs.flatMap(({ paths }) => [count(paths), "REFUSED", "MOST/s"])],
    ...names.map((name) => [
      name,
      quotaOf(name),
      ...runs.flatMap(({ run: { network } }) => [
        count(network.calls[name] ?? 0),
        count(network.refused[name] ?? 0),
        count(network.mostInASecond[name] ?? 0),
      ]),
    ]),
  ]);
}

function quotaOf(name: string): string {
  const quota = QUOTAS.find(({ calls }) => calls.includes(name));
  if (quota === undefined) return "–";
  return quota.calls.length > 1 ? `${quota.perSecond} shared` : String(quota.perSecond);
}

function functionTable(size: SizeReport, { deployment }: ScanReport): string[] {
  const { functions = {} } = size;
  const { invocations = [] } = judgedScan(size) ?? {};
  const rows = SCAN_STATES.flatMap((state) => {
    const own = invocations.filter((one) => one.state === state);
    const needs = functions[state];
    const durations = own.map(({ durationMs }) => durationMs);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const seconds = (digits: number, ofMs: () => number) =>
      own.length === 0 ? "–" : (ofMs() / 1000).toFixed(digits);
    return [
      [
        state,
        String(deployment.functions[state].memoryMb),
        needs === undefined || needs.invocations === 0
          ? "–"
          : Math.round(needs.peakBytes / MEGABYTE).toString(),
        count(own.length),
        seconds(1, () => Math.min(...own.map(({ startMs }) => startMs))),
        seconds(1, () => Math.max(...own.map(({ startMs, durationMs }) => startMs + durationMs))),
        seconds(2, () => sum(durations) / own.length),
        seconds(2, () => Math.max(...durations)),
        seconds(2, () => sum(own.map(({ cpuMs }) => cpuMs)) / own.length),
        sum(own.map(gigabyteSeconds)).toFixed(1),
      ],
    ];
  });
  return textTable([
    ["FUNCTION", "SIZE MB", "PEAK MB", "RUNS", "FROM s", "TO s", "MEAN s", "LONGEST s", "CPU s", "GB-s"],
    ...rows,
  ]);
}

function billTable({ sizes, deployment }: ScanReport): string[] {
  const columns = sizes.flatMap(({ paths, scans }) =>
    scans.flatMap(({ schedule, usual }) => {
      if (usual === undefined || !isWhole(usual)) return [];
      return [
        {
          title: `${count(paths)} ${schedule.name}`,
          month: monthOf(usual, schedule, deployment),
          reduced: monthWithAllowances(usual, schedule, deployment),
        },
      ];
    }),
  );
  const row = (title: string, values: readonly number[]) => [
    title,
    ...values.map((value) => value.toFixed(2)),
  ];
  return textTable([
    ["", ...columns.map(({ title }) => title)],
    ...BILL_ITEMS.map((item) =>
      row(
        ITEM_TITLES[item],
        columns.map(({ month }) => month[item]),
      ),
    ),
    row(
      "together",
      columns.map(({ month }) => totalOf(month)),
    ),
    row(
      "together, allowances taken off",
      columns.map(({ reduced }) => totalOf(reduced)),
    ),
  ]);
}

/** What kept a scan from seeing everything, each reason once. */
function problems(sizes: readonly SizeReport[]): string[][] {
  const lines = sizes.flatMap((size) =>
    runsOf(size).flatMap(({ title, run }) => {
      const byReason = Map.groupBy(run.problems, (reason) => reason);
      return [...byReason].map(
        ([reason, times]) => `${count(size.paths)} paths, ${title}: ${count(times.length)} times: ${reason}`,
      );
    }),
  );
  return lines.length === 0 ? [] : [titled("Not read", lines)];
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
