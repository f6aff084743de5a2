import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { FindingState } from "../../../core/model/finding.ts";
import { PathMeasurement } from "../../../core/model/measurement.ts";
import { duePeriod, isDue } from "../../../core/scan/due.ts";
import { measure } from "../../../core/scan/measure.ts";
import { finding } from "../../support/findings.ts";
import {
  ACCOUNT,
  BATCH,
  consumer,
  createFakePorts,
  deliveryPath,
  functionArn,
  mapping,
  queueArn,
  queueSettings,
  REGION,
  SCAN,
  SETTINGS,
  WINDOW,
  type World,
} from "../../support/scan-fakes.ts";

/** One message a minute through every path. */
const steady: World = {
  metric: ({ metricName }) => {
    if (
      ["NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted"].includes(metricName)
    ) {
      return 1;
    }
    if (metricName === "Invocations") return 1;
    if (metricName === "Duration") return 200;
    return metricName === "IncomingBytes" ? 1000 : 0;
  },
};

async function run(paths: readonly DeliveryPath[], world: World = steady, settings = SETTINGS) {
  const ports = createFakePorts(world);
  await ports.ledger.putDocument(SCAN.scanId, "batch/0001", paths);
  const output = await measure(ports, settings, BATCH);
  const read = (key: string) => ports.ledger.getDocument(SCAN.scanId, `${key}/0001`);
  return {
    ports,
    output,
    settings,
    measurements: PathMeasurement.array().parse(await read("measurement")),
    candidates: await read("candidates"),
    usage: await read("usage"),
  };
}

describe("measure", () => {
  test("asks once a period for the whole batch", async () => {
    const { ports, output, measurements } = await run([deliveryPath("a"), deliveryPath("b")]);
    expect(ports.log.filter((call) => call.startsWith("metrics."))).toEqual([
      "metrics.getSeries 60",
      "metrics.getSeries 10800",
      "metrics.getSeries 3600",
    ]);
    expect(output).toEqual({ paths: 2, suspects: 0, candidates: 2 });
    expect(measurements.map((one) => [one.queueArn, one.totals.sent])).toEqual([
      [queueArn("a"), 180],
      [queueArn("b"), 180],
    ]);
  });

  test("counts the metrics that it asked for", async () => {
    const all = await run([deliveryPath("a")]);
    expect(all.usage).toEqual({ metricsRequested: all.ports.requested.length, sampledQueues: [] });
    const short = await run([deliveryPath("a")], steady, { ...SETTINGS, historyHours: 0 });
    expect(short.usage).toEqual({ metricsRequested: short.ports.requested.length, sampledQueues: [] });
    expect(short.ports.requested.length).toBeLessThan(all.ports.requested.length);
    expect(short.ports.log).not.toContain("metrics.getSeries 3600");
  });

  test.each([
    { name: "nothing was received", received: 0, asked: false },
    { name: "nine messages were received", received: 9, asked: false },
    { name: "eleven messages were received", received: 11, asked: true },
    { name: "the queue was inactive", received: undefined, asked: false },
  ])("where $name the history is asked for: $asked", async ({ received, asked }) => {
    const metric: World["metric"] = (request) => {
      if (request.metricName !== "NumberOfMessagesReceived") return steady.metric?.(request);
      return received === undefined ? undefined : received / 180;
    };
    const { ports, measurements, usage } = await run([deliveryPath("a")], { ...steady, metric });
    expect(ports.log.includes("metrics.getSeries 3600")).toBe(asked);
    expect(measurements[0]?.ratio.historyHours !== undefined).toBe(asked);
    expect(usage).toMatchObject({ metricsRequested: ports.requested.length });
  });

  test("asks for nothing where there is nothing to ask for", async () => {
    const { ports, output } = await run([deliveryPath("theirs", { foreign: true })]);
    expect(ports.log).toEqual([]);
    expect(output).toEqual({ paths: 1, suspects: 0, candidates: 0 });
  });

  test("a path whose function may run past the visibility timeout is a suspect", async () => {
    const exposed = deliveryPath("a", { settings: queueSettings("a", { visibilityTimeoutSeconds: 5 }) });
    const { output, candidates } = await run([exposed, deliveryPath("b")]);
    expect(output).toEqual({ paths: 2, suspects: 1, candidates: 2 });
    expect(candidates).toMatchObject([
      { index: 0, kind: "suspect", logBytes: 180_000 },
      { index: 1, kind: "routine" },
    ]);
  });

  test("a path with an open finding is followed up, one with a resolved finding is not", async () => {
    const ports = createFakePorts(steady);
    await ports.ledger.putDocument(SCAN.scanId, "batch/0001", [deliveryPath("a"), deliveryPath("b")]);
    const state = (name: string, status: FindingState["status"]): FindingState => ({
      id: `id-${name}`,
      queueArn: queueArn(name),
      status,
      firstSeenScanId: "earlier",
      lastSeenScanId: "earlier",
      lastSeenMs: SCAN.window.startMs,
      strongestEvidence: "proven" as const,
      finding: finding(name),
    });
    await ports.ledger.putFindingStates([state("a", "resolved"), state("b", "open")]);
    await measure(ports, SETTINGS, BATCH);
    expect(await ports.ledger.getDocument(SCAN.scanId, "candidates/0001")).toMatchObject([
      { index: 1, kind: "follow-up" },
      { index: 0, kind: "routine" },
    ]);
  });

  test("where metrics cannot be read the logs are the only witness, and the path says so (I8)", async () => {
    const denied = new UnreadableError("metrics", "cloudwatch:GetMetricData is not allowed");
    const { output, measurements } = await run([deliveryPath("a")], { metricsError: denied });
    expect(output.candidates).toBe(1);
    expect(measurements[0]?.flow).toBeNull();
    expect(measurements[0]?.unreadable).toContainEqual({
      resource: queueArn("a"),
      reason: expect.stringContaining("cloudwatch:GetMetricData"),
    });
  });

  test.each([new TransientError("throttled"), new AccountUnreadableError("expired")])(
    "$name ends the step",
    async (error) => {
      await expect(run([deliveryPath("a")], { metricsError: error })).rejects.toBe(error);
    },
  );

  test("a repeat measures and samples nothing again (I6)", async () => {
    const { ports, output, settings } = await run([deliveryPath("a")]);
    const before = ports.log.length;
    expect(await measure(ports, settings, BATCH)).toEqual(output);
    expect(ports.log).toHaveLength(before);
  });

  test("without its batch it refuses", async () => {
    await expect(measure(createFakePorts(), SETTINGS, BATCH)).rejects.toThrow(
      "expected document batch/0001 of scan 20261123T180000Z, got none",
    );
  });
});

describe("where calm paths are read in full once a day", () => {
  const daily = { ...SETTINGS, calmPaths: "daily" as const };
  /** A window of three hours: the paths named are due in it, or not. */
  const period = duePeriod(WINDOW, daily);
  const named = (due: boolean, prefix = "q") =>
    Array.from({ length: 200 }, (_, index) => `${prefix}${index}`).filter(
      (name) => isDue(queueArn(name), period) === due,
    );
  const [calmName = "", openName = "", idleName = "", otherName = ""] = named(false);
  const [dueName = "", dueIdleName = ""] = named(true);
  const path = deliveryPath(calmName);

  /** Metrics of a queue and its worker, by name. */
  const askedFor = (ports: ReturnType<typeof createFakePorts>, name: string) =>
    ports.requested
      .filter(({ dimensions }) =>
        Object.values(dimensions).some((value) => value === name || value.endsWith(`${name}-worker`)),
      )
      .map(({ metricName, stat }) => `${metricName} ${stat}`);
  const SCREENED = ["NumberOfMessagesSent Sum", "NumberOfMessagesReceived Sum", "Errors Sum"];
  const idle =
    (...names: readonly string[]): NonNullable<World["metric"]> =>
    (request) =>
      names.includes(request.dimensions["QueueName"] ?? "") ? 0 : steady.metric?.(request);
  const openState = (name: string, status: FindingState["status"] = "open"): FindingState => ({
    id: `id-${name}`,
    queueArn: queueArn(name),
    status,
    firstSeenScanId: "earlier",
    lastSeenScanId: "earlier",
    lastSeenMs: SCAN.window.startMs,
    strongestEvidence: "measured",
    finding: finding(name),
  });

  test("of a calm path three metrics are read, and it is no candidate", async () => {
    const { ports, output, measurements, usage } = await run([path], steady, daily);
    expect(askedFor(ports, calmName)).toEqual(SCREENED);
    expect(ports.log).toEqual(["metrics.getSeries 60"]);
    expect(usage).toMatchObject({ metricsRequested: 3 });
    expect(measurements).toMatchObject([{ depth: "screened", suspicions: [], unreadable: [] }]);
    expect(output).toEqual({ paths: 1, suspects: 0, candidates: 0 });
  });

  test("when it is due it is read in full, nothing of it twice, and its logs may be looked at", async () => {
    const { ports, measurements, usage, candidates } = await run([deliveryPath(dueName)], steady, daily);
    const asked = askedFor(ports, dueName);
    expect(asked.slice(0, 3)).toEqual(SCREENED);
    const inFull = await run([deliveryPath(dueName)]);
    expect(asked.toSorted()).toEqual(askedFor(inFull.ports, dueName).toSorted());
    expect(usage).toEqual(inFull.usage);
    expect(measurements).toEqual(inFull.measurements);
    expect(candidates).toMatchObject([{ index: 0, kind: "routine" }]);
    expect(ports.log.filter((call) => call.startsWith("metrics."))).toEqual([
      "metrics.getSeries 60",
      "metrics.getSeries 60",
      "metrics.getSeries 10800",
      "metrics.getSeries 3600",
    ]);
  });

  test.each([
    { name: "receives that sends do not account for", metric: "NumberOfMessagesReceived", value: 2 },
    { name: "an error", metric: "Errors", value: 1 / 180 },
  ])("a path with $name is read in full whatever the hour", async ({ metric, value }) => {
    const world: World = {
      metric: (request) => (request.metricName === metric ? value : steady.metric?.(request)),
    };
    const { measurements, output } = await run([path], world, daily);
    expect(measurements).toMatchObject([{ depth: "full" }]);
    expect(output).toMatchObject({ suspects: 1 });
  });

  test("an open finding is read in full and followed up, a resolved one is not", async () => {
    const ports = createFakePorts(steady);
    const paths = [deliveryPath(openName), deliveryPath(otherName)];
    await ports.ledger.putDocument(SCAN.scanId, "batch/0001", paths);
    await ports.ledger.putFindingStates([openState(openName), openState(otherName, "resolved")]);
    await measure(ports, daily, BATCH);
    expect(await ports.ledger.getDocument(SCAN.scanId, "measurement/0001")).toMatchObject([
      { depth: "full" },
      { depth: "screened" },
    ]);
    expect(await ports.ledger.getDocument(SCAN.scanId, "candidates/0001")).toMatchObject([
      { index: 0, kind: "follow-up" },
    ]);
  });

  test("of an idle path nothing more is read: not when it is due, nor with an open finding or bad settings", async () => {
    const bad = deliveryPath(idleName, {
      settings: queueSettings(idleName, { visibilityTimeoutSeconds: 1 }),
    });
    const ports = createFakePorts({ metric: idle(idleName, dueIdleName, openName) });
    const paths = [bad, deliveryPath(dueIdleName), deliveryPath(openName)];
    await ports.ledger.putDocument(SCAN.scanId, "batch/0001", paths);
    await ports.ledger.putFindingStates([openState(openName)]);
    expect(await measure(ports, daily, BATCH)).toMatchObject({ candidates: 0 });
    expect(ports.requested).toHaveLength(9);
    expect(await ports.ledger.getDocument(SCAN.scanId, "measurement/0001")).toMatchObject([
      { depth: "screened" },
      { depth: "screened" },
      { depth: "screened" },
    ]);
  });

  test("paths that share a function ask once for its metrics", async () => {
    const shared = ["one", "two"].map((name) =>
      deliveryPath(name, { consumers: [{ mapping: mapping(name, "worker"), function: consumer("worker") }] }),
    );
    const { ports, usage, measurements } = await run(shared, steady, daily);
    expect(ports.requested.filter(({ metricName }) => metricName === "Errors")).toHaveLength(1);
    expect(usage).toMatchObject({ metricsRequested: ports.requested.length });
    expect(measurements.map(({ totals }) => totals.errors)).toEqual([0, 0]);
  });

  test("a queue that opted in to sampling is read in full, idle or not (I11)", async () => {
    const tags = { "doubletake:sample": "true" };
    const tagged = deliveryPath(idleName, { settings: queueSettings(idleName, { tags }) });
    const world = {
      metric: idle(idleName),
      samples: { [idleName]: { queueArn: queueArn(idleName), messages: 1, maxReceiveCount: 1 } },
    };
    const { measurements } = await run([tagged], world, { ...daily, sampling: true });
    expect(measurements).toMatchObject([{ depth: "full", samples: [{ messages: 1 }] }]);
  });

  test("metrics that cannot be read are no calm: the path says so, and the logs are asked (I8)", async () => {
    const denied = new UnreadableError("metrics", "cloudwatch:GetMetricData is not allowed");
    const { measurements, candidates } = await run([path], { metricsError: denied }, daily);
    expect(measurements).toMatchObject([{ depth: "full", flow: null }]);
    expect(measurements[0]?.unreadable.length).toBeGreaterThan(0);
    expect(candidates).toMatchObject([{ kind: "suspect" }]);
  });

  test("a scan that measures the effect of a change reads everything", async () => {
    const ports = createFakePorts(steady);
    await ports.ledger.putDocument(SCAN.scanId, "batch/0001", [path]);
    await ports.ledger.putDocument(SCAN.scanId, "discovery", {
      account: ACCOUNT,
      region: REGION,
      batches: ["0001"],
      paths: 1,
      excludedQueues: 0,
      sharedFunctions: [],
      inFull: true,
      unreadable: [],
    });
    await measure(ports, daily, BATCH);
    expect(await ports.ledger.getDocument(SCAN.scanId, "measurement/0001")).toMatchObject([
      { depth: "full" },
    ]);
  });

  test("a repeat reads nothing again (I6)", async () => {
    const { ports, output } = await run([path, deliveryPath(dueName)], steady, daily);
    const before = ports.log.length;
    expect(await measure(ports, daily, BATCH)).toEqual(output);
    expect(ports.log).toHaveLength(before);
  });
});

describe("reserved concurrency", () => {
  const throttling: World = {
    metric: (request) => (request.metricName === "Throttles" ? 1 : steady.metric?.(request)),
  };
  const asked = (log: readonly string[]) => log.filter((call) => call.startsWith("mappings."));

  test("is asked for where something was throttled, once a function, and nowhere else", async () => {
    const shared = ["one", "two"].map((name) =>
      deliveryPath(name, { consumers: [{ mapping: mapping(name, "worker"), function: consumer("worker") }] }),
    );
    const world = { ...throttling, reservedConcurrency: { [functionArn("worker")]: 3 } };
    const { ports, measurements } = await run(shared, world);
    expect(asked(ports.log)).toEqual(["mappings.reservedConcurrency function:worker"]);
    expect(measurements.map((one) => one.reservedConcurrency)).toEqual([
      { [functionArn("worker")]: 3 },
      { [functionArn("worker")]: 3 },
    ]);
    expect(asked((await run(shared)).ports.log)).toEqual([]);
  });

  test("none is reserved: nothing is said", async () => {
    const { measurements } = await run([deliveryPath("a")], throttling);
    expect(measurements[0]).not.toHaveProperty("reservedConcurrency");
    expect(measurements[0]?.unreadable).toEqual([]);
  });

  test("where it may not be read the path lists it, and is measured all the same (I8, I9)", async () => {
    const denied = new UnreadableError(
      functionArn("a-worker"),
      "lambda:GetFunctionConcurrency is not allowed",
    );
    const world = { ...throttling, reservedConcurrency: { [functionArn("a-worker")]: denied } };
    const { measurements } = await run([deliveryPath("a")], world);
    expect(measurements[0]?.totals.throttles).toBe(180);
    expect(measurements[0]?.unreadable).toEqual([
      {
        resource: functionArn("a-worker"),
        reason: "reserved concurrency: lambda:GetFunctionConcurrency is not allowed",
      },
    ]);
  });
});

describe("sampling (I11)", () => {
  const tagged = (name: string, more: object = {}) =>
    deliveryPath(name, { settings: queueSettings(name, { tags: { "doubletake:sample": "true" }, ...more }) });
  const sample = (name: string, maxReceiveCount: number) => ({
    queueArn: queueArn(name),
    messages: 3,
    maxReceiveCount,
  });
  const sampling = { ...SETTINGS, sampling: true };
  const samples = (log: readonly string[]) => log.filter((call) => call.startsWith("queues.sample"));

  test.each([
    { name: "is off", path: tagged("a"), settings: SETTINGS },
    { name: "was not allowed by the owner", path: deliveryPath("a"), settings: sampling },
    { name: "would block a FIFO group", path: tagged("a", { fifo: true }), settings: sampling },
  ])("receives nothing where it $name", async ({ path, settings }) => {
    const { ports, usage } = await run([path], steady, settings);
    expect(samples(ports.log)).toEqual([]);
    expect(usage).toMatchObject({ sampledQueues: [] });
  });

  test("samples a queue that opted in, and says so", async () => {
    const world = { ...steady, samples: { a: sample("a", 4) } };
    const { ports, usage, measurements } = await run([tagged("a"), deliveryPath("b")], world, sampling);
    expect(samples(ports.log)).toEqual([`queues.sample ${queueSettings("a").url}`]);
    expect(usage).toMatchObject({ sampledQueues: [queueArn("a")] });
    expect(measurements[0]?.samples).toEqual([sample("a", 4)]);
    expect(measurements[0]?.suspicions).toHaveLength(1);
  });

  test("samples a dead-letter queue that opted in itself, not the queue whose policy a sample would count for", async () => {
    const redrive = { deadLetterTargetArn: queueArn("a-dlq"), maxReceiveCount: 20 };
    const deadLetterQueue = tagged("a-dlq").settings;
    const world = { ...steady, samples: { "a-dlq": sample("a-dlq", 20) } };
    const path = { ...tagged("a", { redrive }), ...(deadLetterQueue && { deadLetterQueue }) };
    const { ports, usage } = await run([path], world, sampling);
    expect(samples(ports.log)).toEqual([`queues.sample ${queueSettings("a-dlq").url}`]);
    expect(usage).toMatchObject({ sampledQueues: [queueArn("a-dlq")] });
  });

  test("the consent of a queue is not that of its dead-letter queue", async () => {
    const redrive = { deadLetterTargetArn: queueArn("a-dlq"), maxReceiveCount: 20 };
    const path = { ...tagged("a", { redrive }), deadLetterQueue: queueSettings("a-dlq") };
    const { ports } = await run([path], steady, sampling);
    expect(samples(ports.log)).toEqual([]);
  });

  test("a queue that cannot be sampled is listed and measured all the same (I9)", async () => {
    const refused = new UnreadableError(queueArn("a"), "sqs:ReceiveMessage is not allowed");
    const { measurements } = await run([tagged("a")], { ...steady, samples: { a: refused } }, sampling);
    expect(measurements[0]?.totals.sent).toBe(180);
    expect(measurements[0]?.unreadable).toEqual([
      { resource: queueArn("a"), reason: "sqs:ReceiveMessage is not allowed" },
    ]);
  });
});
