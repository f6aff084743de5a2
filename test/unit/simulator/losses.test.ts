// What an imperfect account loses: log lines, metric points, the agreement of clocks.
import { describe, expect, test } from "@jest/globals";
import { createAccount } from "../../../simulator/create-account.ts";
import type { MetricErrors } from "../../../simulator/engine/metric-errors.ts";
import type { LogLosses } from "../../../simulator/logs/style.ts";
import type { Scenario } from "../../../simulator/scenarios/path-spec.ts";

const END_MS = Date.parse("2026-11-23T18:00:00Z");
const HOUR_MS = 3_600_000;

function account(losses: LogLosses, metricErrors?: MetricErrors) {
  const scenario: Scenario = {
    name: "one path",
    description: "One path.",
    causes: [],
    planExpected: false,
    build: () => ({
      queue: { visibilityTimeoutSeconds: 120 },
      producers: [{ rate: { kind: "steady", perSecond: 1 }, body: "order" }],
      consumers: [{ timeoutSeconds: 20, work: { medianMs: 500 }, shape: "node-json", batchSize: 1, losses }],
    }),
  };
  return createAccount({
    seed: 7,
    endMs: END_MS,
    hours: 1,
    scenarios: [scenario],
    ...(metricErrors && { metricErrors }),
  });
}

function lines(losses: LogLosses): readonly { readonly timestampMs: number; readonly message: string }[] {
  const [group] = account(losses).account.logGroups();
  return [...(group?.events(END_MS - HOUR_MS, END_MS) ?? [])];
}

const count = (found: readonly { readonly message: string }[], part: string): number =>
  found.filter(({ message }) => message.includes(part)).length;

describe("log losses", () => {
  const whole = lines({});

  test("nothing is lost unless asked", () => {
    expect(count(whole, "REPORT RequestId")).toBe(count(whole, "END RequestId"));
    expect(count(whole, "receiptHandle")).toBe(count(whole, "START RequestId"));
  });

  test("a sampling consumer prints part of its events, and the platform all of its lines", () => {
    const sampled = lines({ eventShare: 0.25 });
    const share = count(sampled, "receiptHandle") / count(whole, "receiptHandle");
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
    expect(count(sampled, "START RequestId")).toBe(count(whole, "START RequestId"));
  });

  test("texts are cut, REPORT lines are lost", () => {
    const short = lines({ maxTextLength: 60, lostReportShare: 0.1 });
    expect(count(short, "messageId")).toBe(count(whole, "messageId"));
    expect(count(short, "eventSourceARN")).toBe(0);
    const lost = 1 - count(short, "REPORT RequestId") / count(whole, "REPORT RequestId");
    expect(lost).toBeGreaterThan(0.07);
    expect(lost).toBeLessThan(0.13);
  });

  test("clocks of environments differ, one environment's lines keep their order", () => {
    const skewed = lines({ clockSkewMs: 50 });
    const moved = new Set(skewed.map((line, index) => line.timestampMs - (whole[index]?.timestampMs ?? 0)));
    expect(skewed).toHaveLength(whole.length);
    expect(moved.size).toBeGreaterThan(1);
  });

  test("the truth knows which deliveries the log names", () => {
    const { truth } = account({ eventShare: 0.25 });
    const [path] = truth.paths();
    const deliveries = [...truth.deliveries(path?.queueArn ?? "", END_MS - HOUR_MS, END_MS)];
    const named = deliveries.filter(({ logged }) => logged).length;
    expect(named).toBe(count(lines({ eventShare: 0.25 }), "receiptHandle"));
  });
});

describe("metric errors", () => {
  const sent = (metricErrors?: MetricErrors) => {
    const { account: simulated, truth } = account({}, metricErrors);
    const QueueName = truth.paths()[0]?.queueArn.split(":")[5] ?? "";
    const id = { namespace: "AWS/SQS", metricName: "NumberOfMessagesSent", dimensions: { QueueName } };
    return simulated.metricPoints(id, END_MS - HOUR_MS, END_MS);
  };
  const right = sent();

  test("counts are off by a little, the same each time", () => {
    const off = sent({ countErrorShare: 0.05 });
    expect(off).toEqual(sent({ countErrorShare: 0.05 }));
    expect(off).not.toEqual(right);
    off.forEach(({ sum }, index) => {
      const exact = right[index]?.sum ?? 0;
      expect(Math.abs(sum - exact)).toBeLessThanOrEqual(0.05 * exact + 0.5);
    });
  });

  test("points are lost", () => {
    const left = sent({ lostShare: 0.2 });
    expect(left.length).toBeLessThan(right.length * 0.92);
    expect(left.length).toBeGreaterThan(right.length * 0.6);
    expect(right).toEqual(expect.arrayContaining([...left]));
  });

  test("late points come from the end of the run only", () => {
    const seen = sent({ lateMs: 10 * 60_000 });
    const settled = right.filter(({ minuteStartMs }) => minuteStartMs <= END_MS - 10 * 60_000);
    expect(seen).toEqual(expect.arrayContaining(settled));
    expect(seen.length).toBeLessThan(right.length);
  });
});
