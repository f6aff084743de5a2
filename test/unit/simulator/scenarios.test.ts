import { beforeAll, describe, expect, test } from "@jest/globals";
import type { MetricPoint, SimulatedAccount } from "../../../simulator/account.ts";
import {
  createAccount,
  DEFAULT_SCENARIOS,
  scenarioDescriptions,
  scenarioNames,
} from "../../../simulator/create-account.ts";
import type { GroundTruth, TruePath } from "../../../simulator/truth.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
/** What a scan looks at by default: three hours, settled for 20 minutes. */
const WINDOW = { startMs: END_MS - 200 * 60_000, endMs: END_MS - 20 * 60_000 };

const ASYNC_SCENARIOS = DEFAULT_SCENARIOS.filter((name) => name.startsWith("async-source-"));
const QUEUE_SCENARIOS = DEFAULT_SCENARIOS.filter((name) => !ASYNC_SCENARIOS.includes(name));

let account: SimulatedAccount;
let truth: GroundTruth;
beforeAll(() => {
  ({ account, truth } = createAccount({ seed: 11, endMs: END_MS, hours: 8 }));
});

function pathOf(scenario: string): TruePath {
  const path = truth.paths().find((candidate) => candidate.scenario === scenario);
  if (path === undefined) throw new Error(`no path for ${scenario}`);
  return path;
}

function points(
  namespace: string,
  metricName: string,
  dimensions: Record<string, string>,
): readonly MetricPoint[] {
  return account.metricPoints({ namespace, metricName, dimensions }, WINDOW.startMs, WINDOW.endMs);
}

function sum(found: readonly MetricPoint[]): number {
  return found.reduce((total, point) => total + point.sum, 0);
}

function nameOf(arn: string): string {
  return arn.split(":").at(-1) ?? "";
}

describe("every scenario", () => {
  test("has a description, and a path in the default account", () => {
    expect(Object.keys(scenarioDescriptions())).toEqual(scenarioNames());
    const paths = [...truth.paths(), ...truth.asyncPaths()];
    expect([...new Set(paths.map((path) => path.scenario))]).toEqual(DEFAULT_SCENARIOS);
    expect(scenarioNames()).toEqual([...DEFAULT_SCENARIOS, "dlq-redrive-unlinked"]);
  });

  test.each(QUEUE_SCENARIOS)("%s shows what it promises in the last hours", (scenario) => {
    const path = pathOf(scenario);
    const summary = truth.summary(path.queueArn, WINDOW.startMs, WINDOW.endMs);
    const byCause = Object.entries(summary.redeliveriesByCause).sort(([, a], [, b]) => b - a);
    if (path.quiet) {
      expect(path).toMatchObject({ causes: [], planExpected: false });
      expect(byCause).toEqual([]);
      expect(summary.duplicates).toBe(0);
      return;
    }
    expect(byCause[0]?.[0]).toBe(path.causes[0]);
    expect(byCause[0]?.[1]).toBeGreaterThanOrEqual(scenario === "at-least-once" ? 3 : 10);
    expect(path.planExpected).toBe(/^(visibility-expired|deleted-too-late)/.test(scenario));
  });

  test.each(QUEUE_SCENARIOS)("%s: the metrics add up to the truth", (scenario) => {
    const path = pathOf(scenario);
    const received = [...truth.deliveries(path.queueArn, WINDOW.startMs - 3_600_000, END_MS)].filter(
      ({ receivedMs }) => receivedMs >= WINDOW.startMs && receivedMs < WINDOW.endMs,
    );
    const QueueName = nameOf(path.queueArn);
    const foreign = !path.queueArn.includes(account.accountId);
    const metric = sum(points("AWS/SQS", "NumberOfMessagesReceived", { QueueName }));
    expect(metric).toBe(foreign ? 0 : received.length);
    const started = new Set(
      [...truth.deliveries(path.queueArn, WINDOW.startMs, WINDOW.endMs)].flatMap((delivery) =>
        delivery.requestId !== null && delivery.endMs !== null ? [delivery.requestId] : [],
      ),
    );
    const invocations = path.functionArns.map((arn) =>
      sum(points("AWS/Lambda", "Invocations", { FunctionName: nameOf(arn) })),
    );
    const all = invocations.reduce((total, count) => total + count, 0);
    if (["other-triggers", "async-retry"].includes(scenario)) expect(all).toBeGreaterThan(started.size * 1.2);
    else expect(all).toBe(started.size);
  });
});

describe("functions whose events come with no queue between", () => {
  const asyncPathOf = (scenario: string) => {
    const path = truth.asyncPaths().find((candidate) => candidate.scenario === scenario);
    if (path === undefined) throw new Error(`no path for ${scenario}`);
    return path;
  };
  const summaryOf = (functionArn: string) => truth.asyncSummary(functionArn, WINDOW.startMs, WINDOW.endMs);

  test.each(ASYNC_SCENARIOS)("%s shows what it promises in the last hours", (scenario) => {
    const { functionArn, quiet, causes } = asyncPathOf(scenario);
    const { redeliveriesByCause, duplicates, events, invocations } = summaryOf(functionArn);
    expect(events).toBeGreaterThan(500);
    expect(Object.keys(redeliveriesByCause)).toEqual(causes);
    const again = causes.map((cause) => redeliveriesByCause[cause] ?? 0);
    expect(Math.min(...again)).toBeGreaterThan(quiet ? Number.NEGATIVE_INFINITY : 10);
    expect(duplicates).toBe(causes[0] === "at-least-once" ? again[0] : 0);
    // First runs may lie before the window.
    const extra = again.reduce((sum, count) => sum + count, 0) - (invocations - events);
    expect([0, 1, 2, 3]).toContain(extra);
  });

  test.each(ASYNC_SCENARIOS)("%s: the metrics add up to the truth", (scenario) => {
    const { functionArn } = asyncPathOf(scenario);
    const FunctionName = nameOf(functionArn);
    const counted = (metric: string) => sum(points("AWS/Lambda", metric, { FunctionName }));
    const { events, invocations, redeliveriesByCause } = summaryOf(functionArn);
    // An event handed over twice was received twice; a retry was not.
    const received = counted("AsyncEventsReceived");
    expect(received).toBeGreaterThanOrEqual(events - 2);
    expect(received).toBeLessThanOrEqual(events + (redeliveriesByCause["at-least-once"] ?? 0) + 2);
    if (scenario === "async-source-quiet") {
      expect(counted("Invocations") / received).toBeCloseTo(1.5, 1);
    } else {
      expect(Math.abs(counted("Invocations") - invocations)).toBeLessThanOrEqual(2);
    }
  });

  test("the metric names the alias or the function that events went to, for CloudWatch to list", () => {
    const ids = [...account.metrics()].filter(({ metricName }) => metricName === "AsyncEventsReceived");
    for (const { functionArn } of truth.asyncPaths()) {
      const name = nameOf(functionArn);
      const found = account.functions().find(({ arn }) => arn === functionArn);
      const [qualifier] = [...Object.keys(found?.aliases ?? {}), ...(found?.versions.slice(-1) ?? [])];
      const Resource = qualifier === undefined ? name : `${name}:${qualifier}`;
      expect(ids.map(({ dimensions }) => dimensions)).toEqual(
        expect.arrayContaining([{ FunctionName: name }, { FunctionName: name, Resource }]),
      );
    }
  });
});

describe("numbers that look odd and are not", () => {
  test("other-triggers runs at about 1.4 invocations a message", () => {
    const path = pathOf("other-triggers");
    const sent = sum(points("AWS/SQS", "NumberOfMessagesSent", { QueueName: nameOf(path.queueArn) }));
    const FunctionName = nameOf(path.functionArns[0] ?? "");
    expect(sum(points("AWS/Lambda", "Invocations", { FunctionName })) / sent).toBeCloseTo(1.4, 0);
  });

  test("draining-backlog receives far more than it is sent, and has a backlog left at the start", () => {
    const QueueName = nameOf(pathOf("draining-backlog").queueArn);
    const sent = sum(points("AWS/SQS", "NumberOfMessagesSent", { QueueName }));
    expect(sum(points("AWS/SQS", "NumberOfMessagesReceived", { QueueName }))).toBeGreaterThan(sent * 2);
    expect(points("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName })[0]?.sum).toBeGreaterThan(
      100,
    );
  });

  test("visibility-expired deletes more than it is sent, except where the handle is refused (FIFO)", () => {
    const excess = (scenario: string): number => {
      const QueueName = nameOf(pathOf(scenario).queueArn);
      const deleted = sum(points("AWS/SQS", "NumberOfMessagesDeleted", { QueueName }));
      return deleted / sum(points("AWS/SQS", "NumberOfMessagesSent", { QueueName }));
    };
    expect(excess("visibility-expired")).toBeGreaterThan(1.05);
    expect(excess("visibility-expired-fifo")).toBeLessThan(1.03);
  });

  test("a disabled mapping leaves a queue without points for receives that never happen", () => {
    const QueueName = nameOf(pathOf("disabled-mapping").queueArn);
    expect(sum(points("AWS/SQS", "NumberOfMessagesReceived", { QueueName }))).toBe(0);
    expect(sum(points("AWS/SQS", "NumberOfEmptyReceives", { QueueName }))).toBe(0);
    expect(sum(points("AWS/SQS", "NumberOfMessagesSent", { QueueName }))).toBeGreaterThan(50);
  });
});

describe("dead-letter queues", () => {
  test("consumed-dlq: each message is delivered there once, with the count that it came with", () => {
    const [source, deadLetter] = truth.paths().filter(({ scenario }) => scenario === "consumed-dlq");
    if (source === undefined || deadLetter === undefined) throw new Error("no two paths");
    expect(deadLetter).toMatchObject({
      queueArn: `${source.queueArn}-dlq`,
      quiet: true,
      planExpected: false,
    });
    const delivered = [...truth.deliveries(deadLetter.queueArn, WINDOW.startMs, WINDOW.endMs)];
    expect(delivered.length).toBeGreaterThan(50);
    expect(new Set(delivered.map(({ messageId }) => messageId)).size).toBe(delivered.length);
    for (const delivery of delivered) {
      expect(delivery).toMatchObject({ receiveCount: 2, cause: "first", outcome: "success" });
    }
    const QueueName = nameOf(deadLetter.queueArn);
    expect(sum(points("AWS/SQS", "NumberOfMessagesSent", { QueueName }))).toBe(0);
    expect(sum(points("AWS/SQS", "NumberOfMessagesReceived", { QueueName }))).toBeGreaterThan(50);
  });

  test.each(["dlq-redrive", "dlq-redrive-unlinked"])(
    "%s: what comes back has a new id and a first count",
    (scenario) => {
      const run = createAccount({ seed: 11, endMs: END_MS, hours: 8, scenarios: [scenario] });
      const [path] = run.truth.paths();
      const delivered = [...run.truth.deliveries(path?.queueArn ?? "", 0, END_MS)];
      const back = delivered.filter(({ cause }) => cause === "dlq-redrive");
      expect(back.length).toBeGreaterThan(20);
      const known = new Set(delivered.map(({ messageId }) => messageId));
      for (const { messageId, redrivenFromId, receiveCount, startMs } of back) {
        expect(receiveCount).toBe(1);
        expect(redrivenFromId).not.toBe(messageId);
        expect(known).toContain(redrivenFromId);
        expect(startMs).toBeGreaterThan(END_MS - 2 * 3_600_000);
      }
    },
  );
});

describe("logs", () => {
  test("are in order, inside the window asked for, and each stream runs one invocation at a time", () => {
    const FIVE_MINUTES = 300_000;
    for (const group of account.logGroups()) {
      let last = 0;
      const running = new Map<string, string>();
      for (const event of group.events(END_MS - FIVE_MINUTES, END_MS)) {
        expect(event.timestampMs).toBeGreaterThanOrEqual(Math.max(last, END_MS - FIVE_MINUTES));
        expect(event.timestampMs).toBeLessThan(END_MS);
        expect(event.ingestionMs).toBeGreaterThan(event.timestampMs);
        last = event.timestampMs;
        const [, kind, id] = /^(START|END) RequestId: (\S+)/.exec(event.message) ?? [];
        if (kind === "START") {
          expect(running.get(event.logStream)).toBeUndefined();
          running.set(event.logStream, id ?? "");
        }
        if (kind === "END") running.delete(event.logStream);
      }
    }
  });

  test("of one stream are that stream's part of the group", () => {
    const group = account.logGroups().find((candidate) => candidate.streams().length > 2);
    const stream = group?.streams().at(-1);
    if (group === undefined || stream === undefined) throw new Error("no log group with streams");
    const all = [...group.events(stream.firstMs, END_MS)].filter((event) => event.logStream === stream.name);
    expect(all.length).toBeGreaterThan(0);
    expect([...group.events(stream.firstMs, END_MS, stream.name)]).toEqual(all);
  });

  test("weigh what IncomingBytes says", () => {
    const group = account.logGroups()[0];
    if (group === undefined) throw new Error("no log group");
    let bytes = 0;
    let events = 0;
    for (const event of group.events(WINDOW.startMs, WINDOW.endMs)) {
      bytes += Buffer.byteLength(event.message) + 26;
      events += 1;
    }
    const dimensions = { LogGroupName: group.name };
    expect(sum(points("AWS/Logs", "IncomingBytes", dimensions))).toBe(bytes);
    expect(sum(points("AWS/Logs", "IncomingLogEvents", dimensions))).toBe(events);
  });

  test("show every delivery of a path that logs its ids", () => {
    const path = pathOf("visibility-expired-java");
    const fn = account.functions().find((candidate) => candidate.arn === path.functionArns[0]);
    const group = account.logGroups().find((candidate) => candidate.name === fn?.logGroup);
    const logged = new Map<string, number>();
    for (const event of group?.events(WINDOW.startMs, WINDOW.endMs + 1_000) ?? []) {
      for (const [, id] of event.message.matchAll(/messageId: ([0-9a-f-]{36}),/g)) {
        if (id !== undefined) logged.set(id, (logged.get(id) ?? 0) + 1);
      }
    }
    const delivered = new Map<string, number>();
    for (const delivery of truth.deliveries(path.queueArn, WINDOW.startMs, WINDOW.endMs)) {
      delivered.set(delivery.messageId, (delivered.get(delivery.messageId) ?? 0) + 1);
    }
    for (const [id, times] of delivered) expect(logged.get(id)).toBeGreaterThanOrEqual(times);
  });
});

describe("a run", () => {
  function print(seed: number, endMs = END_MS): string {
    const run = createAccount({ seed, endMs, hours: 2, scenarios: ["visibility-expired-go", "throttled"] });
    const [queue] = run.truth.paths();
    return JSON.stringify([
      run.account.queues().map((one) => [one.name, one.attributes(), one.tags]),
      [...run.truth.deliveries(queue?.queueArn ?? "", 0, endMs)],
      run.account.logGroups().map((group) => [...group.events(endMs - 600_000, endMs)]),
    ]);
  }

  test("repeats exactly from its seed, and differs with another", () => {
    expect(print(5)).toBe(print(5));
    expect(print(5)).not.toBe(print(6));
  });

  test("continued is the same as one that ran on", () => {
    const whole = createAccount({ seed: 5, endMs: END_MS, hours: 2, scenarios: ["healthy"] });
    const half = createAccount({ seed: 5, endMs: END_MS - 3_600_000, hours: 1, scenarios: ["healthy"] });
    half.account.advanceTo(END_MS);
    const arn = whole.truth.paths()[0]?.queueArn ?? "";
    expect([...half.truth.deliveries(arn, 0, END_MS)]).toEqual([...whole.truth.deliveries(arn, 0, END_MS)]);
  });

  test("never shows the scenario in anything that a client can see", () => {
    const words =
      /expired|late|healthy|quiet|idle|drain|duplicate|throttl|replay|redrive|foreign|disabled|small/i;
    const visible = JSON.stringify([
      account.queues().map((queue) => [queue.name, queue.tags]),
      account.functions().map((fn) => [fn.name, fn.logGroup, fn.tags]),
      account.mappings().map((mapping) => [mapping.uuid, mapping.functionArn]),
    ]);
    expect(visible).not.toMatch(words);
  });

  test("is refused for a scenario that does not exist", () => {
    expect(() => createAccount({ seed: 1, endMs: END_MS, scenarios: ["nonsense"] })).toThrow(
      /unknown scenario "nonsense"/,
    );
  });
});
