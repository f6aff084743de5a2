import { describe, expect, test } from "@jest/globals";
import { otherAccount } from "../../../bench/scan/other-account.ts";
import { renderedOnce } from "../../../bench/scan/rendered-once.ts";
import { createAccount } from "../../../simulator/create-account.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
const HOUR_MS = 3_600_000;

const { account } = createAccount({ seed: 1, endMs: END_MS, hours: 2, scenarios: ["healthy"] });

/** The account, and how often its lines were rendered. */
function counted() {
  let rendered = 0;
  const counting = otherAccount(account, {
    logGroups: () => {
      const [group] = groups;
      if (group === undefined) throw new Error("expected a log group");
      return [group];
    },
  });
  const groups = account.logGroups().map((group) => ({
    name: group.name,
    arn: group.arn,
    creationMs: group.creationMs,
    storedBytes: () => group.storedBytes(),
    streams: () => group.streams(),
    events: (startMs: number, endMs: number) => {
      rendered += 1;
      return group.events(startMs, endMs);
    },
  }));
  return { once: renderedOnce(counting), renderings: () => rendered };
}

const linesOf = (of: typeof account, startMs: number, endMs: number, stream?: string) => [
  ...(of.logGroups()[0]?.events(startMs, endMs, stream) ?? []),
];

describe("log lines rendered once", () => {
  test.each([
    ["the same time", END_MS - HOUR_MS, END_MS],
    ["a part of it", END_MS - HOUR_MS / 2, END_MS - HOUR_MS / 4],
    ["nothing", END_MS, END_MS],
  ])("%s is not rendered again, and is the same", (_, startMs, endMs) => {
    const { once, renderings } = counted();
    linesOf(once, END_MS - HOUR_MS, END_MS);
    expect(linesOf(once, startMs, endMs)).toEqual(linesOf(account, startMs, endMs));
    expect(renderings()).toBe(1);
  });

  test("a longer time is rendered anew", () => {
    const { once, renderings } = counted();
    expect(linesOf(once, END_MS - HOUR_MS / 2, END_MS).length).toBeGreaterThan(0);
    const [startMs, endMs] = [END_MS - HOUR_MS, END_MS - HOUR_MS / 4];
    expect(linesOf(once, startMs, endMs)).toEqual(linesOf(account, startMs, endMs));
    expect(renderings()).toBe(2);
  });

  test("those of one stream are found in them", () => {
    const { once } = counted();
    const [line] = linesOf(account, END_MS - HOUR_MS, END_MS);
    const lines = linesOf(once, END_MS - HOUR_MS, END_MS, line?.logStream);
    expect(lines).toEqual(linesOf(account, END_MS - HOUR_MS, END_MS, line?.logStream));
    expect(lines.length).toBeGreaterThan(0);
  });

  test("their bytes are counted as before, and other metrics are those of the account", () => {
    const once = renderedOnce(account);
    for (const id of account.metrics()) {
      const points = account.metricPoints(id, END_MS - HOUR_MS, END_MS);
      expect(once.metricPoints(id, END_MS - HOUR_MS, END_MS)).toEqual(points);
      expect(once.metricPoints(id, END_MS - HOUR_MS, END_MS)).toEqual(points);
    }
  });
});
