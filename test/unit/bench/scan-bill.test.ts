import { describe, expect, test } from "@jest/globals";
import { billOf, monthOf, monthWithAllowances, totalOf } from "../../../bench/scan/bill.ts";
import { SCAN_STATES } from "../../../bench/scan/functions.ts";
import type { ScanReport, SizeReport } from "../../../bench/scan/report.ts";
import { JUDGED, SCHEDULES } from "../../../bench/scan/schedules.ts";
import type { ScanRun } from "../../../bench/scan/simulate-scan.ts";
import { renderScan } from "../../../bench/scan/tables.ts";
import { judgeTargets } from "../../../bench/scan/targets.ts";

interface Usage {
  readonly paths: number;
  readonly wallSeconds?: number;
  readonly metrics?: number;
  readonly refused?: number;
  readonly gigabyteSeconds?: number;
}

/** A scan that used so much, and nothing else that costs. */
function scanRun({ paths, wallSeconds = 50, metrics = 0, refused = 0, gigabyteSeconds = 0 }: Usage): ScanRun {
  return {
    wallMs: wallSeconds * 1000,
    transitions: 0,
    children: [],
    invocations: [
      {
        state: "Measure",
        startMs: 0,
        durationMs: gigabyteSeconds * 1000,
        initMs: 0,
        cpuMs: 0,
        memoryMb: 1024,
        outcome: "success",
      },
    ],
    network: {
      calls: { "lambda:GetFunctionConfiguration": 10 + refused },
      refused: { "lambda:GetFunctionConfiguration": refused },
      mostInASecond: { "lambda:GetFunctionConfiguration": 10 },
      metrics,
      logBytes: 0,
      readUnits: 0,
      writeUnits: 0,
    },
    problems: [],
    paths,
    findings: 0,
  };
}

function size(run: ScanRun, more: Partial<SizeReport> = {}): SizeReport {
  return { paths: run.paths, scans: scansOf(run), tookSeconds: 1, ...more };
}

const scansOf = (run: ScanRun): SizeReport["scans"] =>
  SCHEDULES.filter(({ name }) => name === JUDGED).map((schedule) => ({
    schedule,
    first: run,
    firstReadLogs: true,
    usual: run,
  }));

function reportOf(...sizes: readonly SizeReport[]): ScanReport {
  const functions = Object.fromEntries(
    SCAN_STATES.map((state) => [state, { memoryMb: 512, timeoutSeconds: 30 }]),
  ) as ScanReport["deployment"]["functions"];
  return { seed: 1, deployment: { functions, alarms: 9 }, mapConcurrency: 3, batchSize: 20, sizes };
}

const statuses = (report: ScanReport) =>
  Object.fromEntries(judgeTargets(report).map(({ name, status }) => [name, status]));

describe("the bill of a scan", () => {
  test.each([
    { item: "metrics", use: { metrics: 1000 }, usd: 0.01 },
    { item: "logs", use: { logBytes: 1e9 }, usd: 0.005 },
    { item: "sqs", use: { calls: { "sqs:GetQueueUrl": 1e6 } }, usd: 0.4 },
    { item: "dynamoDb", use: { writeUnits: 1e6 }, usd: 0.625 },
    { item: "dynamoDb", use: { readUnits: 1e6 }, usd: 0.125 },
  ] as const)("$item: $use → $usd", ({ item, use, usd }) => {
    const run = scanRun({ paths: 100 });
    expect(billOf({ ...run, network: { ...run.network, ...use } })[item]).toBeCloseTo(usd, 10);
  });

  test("Step Functions: transitions, and the children's life in steps of 100 ms", () => {
    const bill = billOf({
      ...scanRun({ paths: 100 }),
      transitions: 1000,
      children: [{ startMs: 0, endMs: 15_901 }],
    });
    expect(bill.stepFunctions).toBeCloseTo(0.025 + 1e-6 + 16 * 0.0625 * 0.00001667, 10);
  });

  test("Lambda: requests, and GB-s with the time to load the function", () => {
    const run = scanRun({ paths: 100, gigabyteSeconds: 10 });
    const [invocation] = run.invocations;
    if (invocation === undefined) throw new Error("expected an invocation");
    const bill = billOf({ ...run, invocations: [{ ...invocation, initMs: 500 }] });
    expect(bill.lambda).toBeCloseTo(0.2e-6 + 10.5 * 0.0000133334, 10);
  });
});

describe("the bill of a month", () => {
  const sixHourly = { everyHours: 6 };

  test("is that of its scans", () => {
    const run = scanRun({ paths: 100, metrics: 1000, gigabyteSeconds: 10 });
    const month = monthOf(run, sixHourly, { alarms: 0 });
    expect(month.metrics).toBeCloseTo((730 / 6) * 0.01, 10);
    expect(month.lambda).toBeCloseTo((730 / 6) * billOf(run).lambda, 10);
    expect(totalOf(month)).toBeCloseTo(month.metrics + month.lambda + month.ownMetrics, 10);
  });

  test.each([
    { everyHours: 1, usd: 2 * 0.3 },
    { everyHours: 6, usd: (2 * 0.3) / 6 },
  ])("every $everyHours h two metrics of its own have data in so many hours: $usd", ({ everyHours, usd }) => {
    expect(monthOf(scanRun({ paths: 100 }), { everyHours }, { alarms: 0 }).ownMetrics).toBeCloseTo(usd, 10);
  });

  test("alarms are paid for whether scans run or not", () => {
    expect(monthOf(scanRun({ paths: 100 }), sixHourly, { alarms: 9 }).alarms).toBeCloseTo(0.9, 10);
  });

  test("allowances leave what is above them, and metrics of others, which are never free", () => {
    const run = { ...scanRun({ paths: 100, metrics: 1000, gigabyteSeconds: 4_000 }), transitions: 50 };
    const month = monthWithAllowances(run, sixHourly, { alarms: 12 });
    const scans = 730 / 6;
    expect(month).toMatchObject({
      ownMetrics: 0,
      sqs: 0,
      logs: 0,
      metrics: expect.closeTo(scans * 0.01, 10),
    });
    expect(month.alarms).toBeCloseTo(0.2, 10);
    expect(month.stepFunctions).toBeCloseTo((50 * scans - 4_000) * 0.000025, 10);
    expect(month.lambda).toBeCloseTo((4_000 * scans - 400_000) * 0.0000133334, 10);
  });
});

describe("the targets", () => {
  test("of a size that was not run are neither met nor missed", () => {
    const judged = statuses(reportOf(size(scanRun({ paths: 100 }))));
    expect(judged["wall time of 1,000 paths (s)"]).toBe("not run");
    expect(judged["wall time a path, by size (times)"]).toBe("not run");
    expect(judged["bill of 100 paths, six-hourly ($ a month)"]).toBe("met");
  });

  test.each([
    { wallSeconds: 60, refused: 0, wall: "met", calls: "met" },
    { wallSeconds: 61, refused: 1, wall: "missed", calls: "missed" },
  ])("1,000 paths in $wallSeconds s, $refused refused", ({ wallSeconds, refused, wall, calls }) => {
    const judged = statuses(reportOf(size(scanRun({ paths: 1000, wallSeconds, refused }))));
    expect(judged["wall time of 1,000 paths (s)"]).toBe(wall);
    expect(judged["calls above a quota, 1,000 paths"]).toBe(calls);
  });

  test.each([
    { megabytes: 256, status: "met" },
    { megabytes: 257, status: "missed" },
  ])("the largest function took $megabytes MB → $status", ({ megabytes, status }) => {
    const needs = (peakMb: number) => ({ peakBytes: peakMb * 1024 * 1024, initMs: 1, invocations: 1 });
    const functions = { Measure: needs(100), CollectDeliveries: needs(megabytes) };
    const judged = statuses(reportOf(size(scanRun({ paths: 1000 }), { functions })));
    expect(judged["most memory of a function, 1,000 paths (MB)"]).toBe(status);
  });

  test("the bill is judged with what stays between scans", () => {
    // $2 without $0.90 of alarms and $0.10 of metrics: $1 for 121.7 scans.
    const cheap = reportOf(size(scanRun({ paths: 100, metrics: 820 })));
    const dear = reportOf(size(scanRun({ paths: 100, metrics: 823 })));
    expect(statuses(cheap)["bill of 100 paths, six-hourly ($ a month)"]).toBe("met");
    expect(statuses(dear)["bill of 100 paths, six-hourly ($ a month)"]).toBe("missed");
  });

  test.each([
    { wallSeconds: 600, status: "met" },
    { wallSeconds: 610, status: "missed" },
  ])("ten times the paths in $wallSeconds s instead of 50 → $status", ({ wallSeconds, status }) => {
    const report = reportOf(size(scanRun({ paths: 100 })), size(scanRun({ paths: 1000, wallSeconds })));
    expect(statuses(report)["wall time a path, 100 to 1000 paths (times)"]).toBe(status);
  });

  test("a scan that gave up reads meets nothing: it did less than it should", () => {
    const run = { ...scanRun({ paths: 1000, wallSeconds: 10 }), problems: ["throttled"] };
    const judged = statuses(reportOf(size(scanRun({ paths: 100 })), size(run)));
    expect(judged).toMatchObject({
      "wall time of 1,000 paths (s)": "incomplete",
      "bill of 1,000 paths, six-hourly ($ a month)": "incomplete",
      "wall time a path, 100 to 1000 paths (times)": "incomplete",
      "reads given up, 1,000 paths": "missed",
    });
  });

  test("a scan that fails is missed, and no growth is read off it", () => {
    const failed = {
      ...scanRun({ paths: 0 }),
      problems: ["the scan failed: TransientError: Discover ran out of time"],
    };
    const report = reportOf(size(scanRun({ paths: 100 })), {
      paths: 5000,
      scans: scansOf(failed).map(({ usual: _, ...without }) => without),
      tookSeconds: 1,
    });
    expect(statuses(report)["reads given up, 5,000 paths"]).toBe("missed");
    expect(statuses(report)["wall time a path, by size (times)"]).toBe("not run");
    expect(renderScan(report)).toContain("the scan failed: TransientError: Discover ran out of time");
  });
});

describe("the tables", () => {
  test("name every target, size, call and function", () => {
    const report = reportOf(size(scanRun({ paths: 100 })), size(scanRun({ paths: 1000 })));
    const text = renderScan(report);
    for (const { name } of judgeTargets(report)) expect(text).toContain(name);
    for (const state of SCAN_STATES) expect(text).toContain(state);
    expect(text).toMatch(/^lambda:GetFunctionConfiguration +15 shared +10 +0 +10 +10 +0 +10$/m);
    expect(text).toContain("1,000 paths, six-hourly, 6 h back, first");
  });
});
