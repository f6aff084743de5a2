// The report as text, so that it can be pasted into the documentation as it is.
import { decimals, textTable } from "../accuracy/text-table.ts";
import { BILL_ITEMS, type BillItem, billOf, monthOf, standingUsd, totalOf } from "./bill.ts";
import { SCAN_STATES } from "./functions.ts";
import { gigabyteSeconds } from "./lambda.ts";
import { QUOTAS } from "./quotas.ts";
import { SCHEDULES, type ScanReport, type SizeReport } from "./report.ts";
import type { ScanRun } from "./simulate-scan.ts";
import { gigabyteSecondsOf, isWhole, judgeTargets, refusedOf } from "./targets.ts";

const MEGABYTE = 1024 * 1024;
const ITEM_TITLES: Readonly<Record<BillItem, string>> = {
  metrics: "CloudWatch metrics",
  logs: "Logs Insights",
  sqs: "SQS requests",
  stepFunctions: "Step Functions",
  lambda: "Lambda",
  dynamoDb: "DynamoDB",
};

/** @returns the whole report, ending in a line break. */
export function renderScan(report: ScanReport): string {
  const { sizes } = report;
  const sections = [
    header(report),
    titled("Targets", targetTable(report)),
    titled("One scan", scanTable(sizes)),
    titled("AWS calls of one scan, six hours back", callTable(sizes)),
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

function runsOf({ first, usual }: SizeReport): { readonly title: string; readonly run: ScanRun }[] {
  return [
    { title: "first, 6 h back", run: first },
    ...SCHEDULES.flatMap(({ name, lookbackMinutes }) => {
      const run = usual[name];
      return run === undefined ? [] : [{ title: `later, ${lookbackMinutes / 60} h back`, run }];
    }),
  ];
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
  const runs = sizes.map(({ paths, first, usual }) => ({ paths, run: usual["six-hourly"] ?? first }));
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

function functionTable({ usual, first, functions = {} }: SizeReport, { deployment }: ScanReport): string[] {
  const { invocations } = usual["six-hourly"] ?? first;
  const rows = SCAN_STATES.flatMap((state) => {
    const own = invocations.filter((one) => one.state === state);
    const needs = functions[state];
    const durations = own.map(({ durationMs }) => durationMs);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    return [
      [
        state,
        String(deployment.functions[state].memoryMb),
        needs === undefined || needs.invocations === 0
          ? "–"
          : Math.round(needs.peakBytes / MEGABYTE).toString(),
        count(own.length),
        own.length === 0 ? "–" : (sum(durations) / own.length / 1000).toFixed(2),
        own.length === 0 ? "–" : (Math.max(...durations) / 1000).toFixed(2),
        own.length === 0 ? "–" : (sum(own.map(({ cpuMs }) => cpuMs)) / own.length / 1000).toFixed(2),
        sum(own.map(gigabyteSeconds)).toFixed(1),
      ],
    ];
  });
  return textTable([
    ["FUNCTION", "SIZE MB", "PEAK MB", "RUNS", "MEAN s", "LONGEST s", "CPU s", "GB-s"],
    ...rows,
  ]);
}

function billTable({ sizes, deployment }: ScanReport): string[] {
  const columns = sizes.flatMap(({ paths, first, usual }) =>
    SCHEDULES.flatMap(({ name, everyHours }) => {
      const run = usual[name];
      if (run === undefined || !isWhole(run)) return [];
      return [{ title: `${count(paths)} ${name}`, month: monthOf(billOf(run), billOf(first), everyHours) }];
    }),
  );
  const standing = standingUsd(deployment.alarms);
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
      "scans",
      columns.map(({ month }) => totalOf(month)),
    ),
    row(
      "alarms and metrics of its own",
      columns.map(() => standing),
    ),
    row(
      "together",
      columns.map(({ month }) => totalOf(month) + standing),
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
