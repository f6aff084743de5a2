// Functions that SNS, S3 and EventBridge invoke directly, through the whole scan over the wire.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Finding, FindingDocument } from "../../core/model/finding.ts";
import type { Fault } from "../../simulator/server.ts";
import type { AsyncTruthSummary, TrueAsyncPath } from "../../simulator/truth.ts";
import { type SimulatedScans, simulateScans } from "../support/simulated-scan.ts";

const SCENARIOS = ["async-source-retry", "async-source-twice", "async-source-quiet"];

let world: SimulatedScans;
let document: FindingDocument;
beforeAll(async () => {
  world = await simulateScans({ seed: 7, hours: 8, scenarios: ["healthy", "async-retry", ...SCENARIOS] });
  ({ document } = await world.scan());
}, 60_000);
afterAll(() => world.server.close());

function pathOf(scenario: string): TrueAsyncPath {
  const path = world.truth.asyncPaths().find((one) => one.scenario === scenario);
  if (path === undefined) throw new Error(`no path of ${scenario}`);
  return path;
}

function truthOf({ functionArn }: TrueAsyncPath): AsyncTruthSummary {
  const { start, end } = document.scan.window;
  return world.truth.asyncSummary(functionArn, Date.parse(start), Date.parse(end));
}

const findingsOf = ({ functionArn }: TrueAsyncPath): Finding[] =>
  document.findings.filter(
    ({ source, functionArns }) => source === "async" && functionArns[0] === functionArn,
  );

const verdictOf = ({ functionArn }: TrueAsyncPath) =>
  document.paths.find(({ source, functionArns }) => source === "async" && functionArns[0] === functionArn);

describe("asynchronous paths", () => {
  test("retries of an SNS topic's events are proven, and counted as they happened", () => {
    const path = pathOf("async-source-retry");
    const retries = truthOf(path).redeliveriesByCause["async-retry"] ?? 0;
    expect(retries).toBeGreaterThan(20);
    const [finding, ...others] = findingsOf(path);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      cause: "async-retry",
      evidence: "proven",
      eventSources: [{ kind: "sns", arn: expect.stringMatching(/^arn:aws:sns:us-east-1:/) }],
      counts: { duplicateSharePercent: 0 },
    });
    const { messages, deliveries } = finding?.counts ?? {};
    expect((deliveries ?? 0) - (messages ?? 0)).toBe(retries);
    for (const { messageId, deliveries: runs } of finding?.examples ?? []) {
      expect(new Set(runs.map(({ requestId }) => requestId))).toEqual(new Set([messageId]));
      expect(runs.slice(0, -1).map(({ outcome }) => outcome)).not.toContain("success");
    }
    expect(verdictOf(path)).toMatchObject({ verdict: "retrying", logsRead: true, incomplete: false });
  });

  test("events that came again after a success are duplicates, and counted as they happened", () => {
    const path = pathOf("async-source-twice");
    const { redeliveriesByCause, duplicates } = truthOf(path);
    expect(redeliveriesByCause["at-least-once"]).toBe(duplicates);
    const [finding, ...others] = findingsOf(path);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ cause: "at-least-once", evidence: "proven", severity: "low" });
    const { messages, deliveries } = finding?.counts ?? {};
    expect((deliveries ?? 0) - (messages ?? 0)).toBe(duplicates);
    const requests = (finding?.examples ?? []).map(
      ({ deliveries: runs }) => new Set(runs.map((one) => one.requestId)).size,
    );
    expect(requests).toContain(2);
    expect(verdictOf(path)?.verdict).toBe("duplicating");
  });

  test("a function that is called directly too stays quiet, however many invocations an event has", () => {
    const path = pathOf("async-source-quiet");
    const { events } = truthOf(path);
    expect(findingsOf(path)).toEqual([]);
    expect(verdictOf(path)).toEqual({
      source: "async",
      functionArns: [path.functionArn],
      eventSources: [{ kind: "s3", arn: expect.stringMatching(/^arn:aws:s3:::/) }],
      verdict: "healthy",
      incomplete: false,
      logsRead: true,
      idle: false,
    });
    expect(events).toBeGreaterThan(500);
  });

  test("a function that a queue feeds too is told of on the queue's path, once", () => {
    const [, queue] = world.truth.paths();
    expect(queue?.scenario).toBe("async-retry");
    const told = document.findings.filter(({ functionArns }) => functionArns[0] === queue?.functionArns[0]);
    expect(told.map(({ cause, queueArn }) => ({ cause, queueArn }))).toEqual([
      { cause: "async-retry", queueArn: queue?.queueArn },
    ]);
    expect(document.paths).toHaveLength(2 + SCENARIOS.length);
  });

  test("nothing is ever proposed for them", () => {
    for (const scenario of SCENARIOS) {
      expect(findingsOf(pathOf(scenario)).filter(({ plan }) => plan !== undefined)).toEqual([]);
    }
  });

  test("switched off, they are not looked at", async () => {
    const before = world.server.requests();
    const { document: without } = await world.scan({
      atMs: world.account.nowMs() - 60_000,
      settings: { asyncSources: false },
    });
    const after = world.server.requests();
    expect(without.paths.map(({ source }) => source)).toEqual([undefined, undefined]);
    for (const call of [
      "cloudwatch:ListMetrics",
      "lambda:GetPolicy",
      "lambda:GetFunctionEventInvokeConfig",
    ]) {
      expect(after[call]).toBe(before[call]);
      expect(before[call]).toBeGreaterThan(0);
    }
  });

  describe("what cannot be read (I8, I9)", () => {
    const [from, minutes] = [() => world.account.nowMs(), 60_000];

    test("without its policy a function is listed, and what its source may have meant is no proof", async () => {
      const { functionArn } = pathOf("async-source-twice");
      const resource = functionArn.split(":").at(-1) ?? "";
      const fault: Fault = { kind: "access-denied", operation: "lambda:GetPolicy", resource };
      world.server.faults.add(fault);
      const { document: partly } = await world.scan({ atMs: from() - 3 * minutes });
      world.server.faults.remove(fault);
      expect(partly.scan.unreadable).toEqual([
        {
          resource: expect.stringContaining(functionArn),
          reason: expect.stringMatching(/^event sources: lambda:GetPolicy is not allowed/),
        },
      ]);
      const found = partly.findings.filter(({ functionArns }) => functionArns[0] === functionArn);
      const whole = findingsOf(pathOf("async-source-twice"))[0]?.counts.messages ?? 0;
      const proven = found.find(({ evidence }) => evidence === "proven");
      expect(found.map(({ cause }) => cause).sort()).toEqual(["at-least-once", "unknown"]);
      expect(proven?.counts.messages).toBeLessThan(whole);
      const others = ({ findings }: FindingDocument) =>
        findings.filter(({ functionArns }) => functionArns[0] !== functionArn).map(({ id }) => id);
      expect(others(partly)).toEqual(others(document));
    });

    test("where they cannot be listed, the queues are scanned and it is said", async () => {
      const fault: Fault = { kind: "throttle", operation: "cloudwatch:ListMetrics" };
      world.server.faults.add(fault);
      const { document: queues } = await world.scan({ atMs: from() - 4 * minutes });
      world.server.faults.remove(fault);
      expect(queues.paths.map(({ source }) => source)).toEqual([undefined, undefined]);
      expect(queues.scan.unreadable).toEqual([
        { resource: "functions with asynchronous events", reason: expect.stringContaining("throttled") },
      ]);
      expect(queues.findings.map(({ cause }) => cause)).toEqual(["async-retry"]);
    });
  });

  test("metrics alone prove no duplicate, and say that other triggers count too", async () => {
    const { document: numbers } = await world.scan({
      atMs: world.account.nowMs() - 120_000,
      settings: { readLogs: false },
    });
    const said = numbers.findings.filter(({ source }) => source === "async");
    expect(said).toMatchObject([
      {
        cause: "async-retry",
        evidence: "measured",
        functionArns: [pathOf("async-source-retry").functionArn],
      },
    ]);
    expect(said[0]?.facts.join(" ")).toMatch(/other triggers of the function count/);
    const quiet = numbers.paths.find(
      ({ functionArns }) => functionArns[0] === pathOf("async-source-quiet").functionArn,
    );
    expect(quiet).toMatchObject({
      verdict: "healthy",
      note: expect.stringMatching(/the numbers alone prove nothing/),
    });
  });
});
