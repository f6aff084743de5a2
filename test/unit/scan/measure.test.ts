import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import type { FindingState } from "../../../core/model/finding.ts";
import { PathMeasurement } from "../../../core/model/measurement.ts";
import { measure } from "../../../core/scan/measure.ts";
import { finding } from "../../support/findings.ts";
import {
  BATCH,
  createFakePorts,
  deliveryPath,
  queueArn,
  queueSettings,
  SCAN,
  SETTINGS,
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
