// The scan as deployed (definition, handlers, adapters, ledger) against the simulated account, over the wire.
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type FindingDocument, pathArn } from "../../core/model/finding.ts";
import { createAccount } from "../../simulator/create-account.ts";
import type { Fault } from "../../simulator/server.ts";
import type { TruePath } from "../../simulator/truth.ts";
import { NOW_MS, type ScanRun, type SimulatedScans, simulateScans } from "../support/simulated-scan.ts";

// Simulating hours of an account takes its time on a busy machine.
jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;

/** Findings of a path that are more than advice. */
const findingsOf = (document: FindingDocument, queueArn: string) =>
  document.findings.filter((one) => one.queueArn === queueArn && one.evidence !== "advisory");

const verdictOf = (document: FindingDocument, queueArn: string) =>
  document.paths.find((one) => one.queueArn === queueArn)?.verdict;

describe("an account with every scenario", () => {
  // Known before the account exists, so that each path is a test of its own; names do not depend on the run.
  const expected: readonly TruePath[] = createAccount({ seed: 1, endMs: NOW_MS, hours: 1 }).truth.paths();
  let world: SimulatedScans;
  let run: ScanRun;

  beforeAll(async () => {
    world = await simulateScans({ seed: 1, hours: 8 });
    run = await world.scan();
  });
  afterAll(() => world?.server.close());

  test("holds the paths that the table below expects", () => {
    expect(world.truth.paths()).toEqual(expected);
    const functions = world.truth.asyncPaths().map((path) => path.functionArn);
    expect(run.document.paths.map(pathArn).sort()).toEqual(
      [...expected.map((path) => path.queueArn), ...functions].sort(),
    );
  });

  const loud = expected.filter((path) => !path.quiet).map((path) => [path.scenario, path] as const);
  const quiet = expected.filter((path) => path.quiet).map((path) => [path.scenario, path] as const);

  test.each(loud)("%s: its causes are found, and a plan only where one is due", (_, path) => {
    const found = findingsOf(run.document, path.queueArn);
    expect(found.map((one) => one.cause)).toEqual(expect.arrayContaining([...path.causes]));
    expect(found.some((one) => one.plan !== undefined)).toBe(path.planExpected);
    for (const one of found.filter(({ plan }) => plan !== undefined)) {
      expect(["visibility-expired", "deleted-too-late"]).toContain(one.cause);
    }
  });

  test.each(quiet)("%s: stays quiet", (_, path) => {
    expect(findingsOf(run.document, path.queueArn)).toEqual([]);
    expect(["healthy", "unknown"]).toContain(verdictOf(run.document, path.queueArn));
  });

  test("a proven overlap is one that really happened", () => {
    const window = { startMs: NOW_MS - 5 * HOUR_MS, endMs: NOW_MS };
    for (const finding of run.document.findings.filter((one) => one.cause === "visibility-expired")) {
      const truly = new Map(
        [...world.truth.deliveries(pathArn(finding), window.startMs, window.endMs)].map((delivery) => [
          `${delivery.messageId} ${delivery.requestId}`,
          delivery,
        ]),
      );
      for (const example of finding.examples) {
        const causes = example.deliveries.map(
          ({ requestId }) => truly.get(`${example.messageId} ${requestId}`)?.cause,
        );
        expect(causes).toContain("visibility-expired");
      }
    }
  });

  test("says what it read and what that costs", () => {
    const { scan } = run.document;
    expect(scan.apiCalls["cloudwatch:GetMetricData"]).toBeGreaterThan(0);
    expect(scan.apiCalls["logs:StartQuery"]).toBeGreaterThan(0);
    expect(scan.logBytesScanned).toBeGreaterThan(0);
    expect(scan.estimatedCostUsd).toBeGreaterThan(0);
    expect(scan.estimatedCostUsd).toBeLessThan(0.05);
    expect(scan.unreadable).toEqual([]);
  });

  test("sends one digest, that names the worst finding and no body", () => {
    const [digest, ...others] = world.server.published();
    expect(others).toEqual([]);
    expect(digest?.subject).toMatch(/^Doubletake: \d+ new findings \(worst: \w+\) in \d{12} us-east-1$/);
    expect(digest?.bodies["email"]).toContain("NEW (");
    expect(JSON.parse(digest?.bodies["default"] ?? "")).toMatchObject({ kind: "doubletake.digest" });
  });

  test("reads queues and changes none", () => {
    const writes = Object.keys(world.server.requests()).filter((call) =>
      /^(sqs|lambda):(?!Get|List)/.test(call),
    );
    expect(writes).toEqual([]);
  });
});

describe("from scan to scan", () => {
  let world: SimulatedScans;
  afterEach(() => world?.server.close());

  test("the second scan repeats nothing, and a schedule delivered twice scans once", async () => {
    world = await simulateScans({ seed: 3, scenarios: ["visibility-expired", "healthy"], hours: 6 });
    const first = await world.scan();
    expect(first.output).toMatchObject({ summary: { new: 1, changed: true }, notification: { sent: true } });

    const laterMs = NOW_MS + 30 * 60_000;
    world.account.advanceTo(laterMs);
    const second = await world.scan({ atMs: laterMs });
    expect(second.output).toMatchObject({ summary: { new: 0, continuing: 1, changed: false } });
    expect(world.server.published()).toHaveLength(1);

    const twice = await world.scan({ atMs: laterMs, executionName: "delivered-again" });
    expect(twice.steps.map((step) => step.state)).not.toContain("Discover");
    expect(twice.steps.at(-1)).toMatchObject({ state: "AlreadyClaimed", phase: "succeeded" });
  });
});

describe("what goes wrong with one path leaves the other as it was (I8, I9)", () => {
  const scenarios = ["visibility-expired", "function-error"];
  const [broken, other] = createAccount({ seed: 5, scenarios, endMs: NOW_MS, hours: 1 }).truth.paths();
  if (broken === undefined || other === undefined) throw new Error("expected two paths");
  const queueName = broken.queueArn.split(":")[5] ?? "";
  const functionName = broken.functionArns[0]?.split(":")[6] ?? "";
  let world: SimulatedScans;
  afterEach(() => world?.server.close());

  const scanWith = async (fault: (logGroup: string) => Fault) => {
    world = await simulateScans({ seed: 5, scenarios, hours: 6 });
    const logGroup = world.account.functions().find((one) => one.name === functionName)?.logGroup ?? "";
    world.server.faults.add(fault(logGroup));
    const { document } = await world.scan({ lastAttempt: 12 });
    return { document, logGroup };
  };

  // What the logs prove they prove without the queue's settings; a plan there is none.
  test.each<{ name: string; fault: (logGroup: string) => Fault; names: RegExp; proven: boolean }>([
    {
      name: "access to the queue is denied",
      fault: () => ({ kind: "access-denied", operation: "sqs:GetQueueAttributes", resource: queueName }),
      names: /sqs:GetQueueAttributes is not allowed/,
      proven: true,
    },
    {
      name: "calls about the queue are throttled",
      fault: () => ({ kind: "throttle", operation: "sqs:GetQueueAttributes", resource: queueName }),
      names: /throttled/,
      proven: true,
    },
    {
      name: "the queue is deleted half way",
      fault: () => ({ kind: "queue-deleted", queueName, afterOperation: "sqs:GetQueueUrl" }),
      names: /does not exist/,
      proven: true,
    },
    {
      name: "its metrics come back in part",
      fault: () => ({ kind: "partial-data", resource: queueName }),
      names: /part of the points/,
      proven: true,
    },
    {
      name: "its metrics are forbidden",
      fault: () => ({ kind: "metrics-forbidden", resource: queueName }),
      names: /cloudwatch:GetMetricData is not allowed/,
      proven: true,
    },
    {
      name: "its log query fails",
      fault: (logGroup) => ({ kind: "query-fails", logGroup }),
      names: /./,
      proven: false,
    },
    {
      name: "its log query never ends",
      fault: (logGroup) => ({ kind: "query-hangs", logGroup }),
      names: /did not end within 3 minutes/,
      proven: false,
    },
  ])("$name", async ({ fault, names, proven }) => {
    const { document, logGroup } = await scanWith(fault);
    const { unreadable } = document.scan;
    expect(unreadable.length).toBeGreaterThan(0);
    for (const { resource, reason } of unreadable) {
      expect([broken.queueArn, ...broken.functionArns, logGroup]).toContain(resource);
      expect(reason).toMatch(names);
    }
    const found = findingsOf(document, broken.queueArn);
    expect(found.some((one) => one.evidence === "proven")).toBe(proven);
    expect(found.filter((one) => one.plan !== undefined)).toEqual([]);
    expect(findingsOf(document, other.queueArn)).toMatchObject([
      { cause: "function-error", evidence: "proven" },
    ]);
  });
});
