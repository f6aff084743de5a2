import { describe, expect, test } from "@jest/globals";
import { createAccount } from "../../../simulator/create-account.ts";
import type { AsyncFunctionSpec, AsyncScenario } from "../../../simulator/scenarios/async-spec.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
const START_MS = END_MS - 2 * 3_600_000;

/** Two hours of one function; its runs as its log tells them, a request id each with its starts. */
function simulate(more: Partial<AsyncFunctionSpec>) {
  const scenario: AsyncScenario = {
    name: "own",
    description: "One function, invoked by EventBridge.",
    causes: [],
    function: {
      timeoutSeconds: 5,
      work: { medianMs: 200 },
      shape: "node-inspect",
      sources: [{ kind: "eventbridge", perSecond: 0.02 }],
      ...more,
    },
  };
  const { account, truth } = createAccount({ seed: 3, endMs: END_MS, hours: 2, scenarios: [scenario] });
  const [{ functionArn = "" } = {}] = truth.asyncPaths();
  const [group] = account.logGroups();
  const starts = new Map<string, number[]>();
  const requestsOfEvents = new Map<string, Set<string>>();
  for (const { timestampMs, message } of group?.events(START_MS, END_MS) ?? []) {
    const request = /^START RequestId: (\S+)/.exec(message)?.[1];
    if (request !== undefined) starts.set(request, [...(starts.get(request) ?? []), timestampMs]);
    const [, requestId, event] = /\t(\S+)\tINFO\t.*\bid: '([^']+)'/s.exec(message) ?? [];
    if (requestId === undefined || event === undefined) continue;
    requestsOfEvents.set(event, new Set([...(requestsOfEvents.get(event) ?? []), requestId]));
  }
  const FunctionName = functionArn.split(":").at(-1) ?? "";
  const counted = (metricName: string) =>
    account
      .metricPoints({ namespace: "AWS/Lambda", metricName, dimensions: { FunctionName } }, START_MS, END_MS)
      .reduce((sum, point) => sum + point.sum, 0);
  return { starts, requestsOfEvents, counted, summary: truth.asyncSummary(functionArn, START_MS, END_MS) };
}

describe("asynchronous events", () => {
  test("that always fail run three times under one request id, after one minute and two, and are given up", () => {
    const { starts, counted, summary } = simulate({ work: { medianMs: 200, errorShare: 1 } });
    const finished = [...starts.values()].filter(([first = END_MS]) => first < END_MS - 4 * 60_000);
    expect(finished.length).toBeGreaterThan(50);
    for (const [first = 0, second = 0, third = 0, ...more] of finished) {
      expect(more).toEqual([]);
      expect(Math.abs(second - first - 60_000)).toBeLessThan(7_000);
      expect(Math.abs(third - second - 120_000)).toBeLessThan(7_000);
    }
    expect(counted("AsyncEventsDropped")).toBeGreaterThanOrEqual(finished.length);
    expect(counted("AsyncEventsReceived")).toBe(summary.events);
    expect(summary.duplicates).toBe(0);
  });

  test("are tried as often as the function's configuration says", () => {
    const { starts } = simulate({ work: { medianMs: 200, errorShare: 1 }, maximumRetryAttempts: 0 });
    expect(Math.max(...[...starts.values()].map((runs) => runs.length))).toBe(1);
  });

  test("handed over twice are one event under two request ids, received twice", () => {
    const { requestsOfEvents, counted, summary } = simulate({
      sources: [{ kind: "eventbridge", perSecond: 0.02, handedTwiceShare: 1 }],
    });
    const twice = [...requestsOfEvents.values()].filter((requests) => requests.size === 2);
    expect(twice.length).toBeGreaterThan(100);
    expect(requestsOfEvents.size - twice.length).toBeLessThanOrEqual(2);
    expect(counted("AsyncEventsReceived")).toBe(summary.events + twice.length);
    expect(summary.redeliveriesByCause).toEqual({ "at-least-once": twice.length });
    expect(summary.duplicates).toBe(twice.length);
  });

  test("run again after a success keep their request id, and were received once", () => {
    const { starts, requestsOfEvents, counted, summary } = simulate({
      sources: [{ kind: "eventbridge", perSecond: 0.02, runAgainShare: 0.5 }],
    });
    const again = [...starts.values()].reduce((sum, runs) => sum + runs.length - 1, 0);
    expect(again).toBeGreaterThan(50);
    expect(summary.redeliveriesByCause).toEqual({ "at-least-once": again });
    expect(Math.max(...[...requestsOfEvents.values()].map((requests) => requests.size))).toBe(1);
    expect(counted("AsyncEventsReceived")).toBe(summary.events);
  });
});
