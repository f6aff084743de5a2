import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Finding } from "../../../core/model/finding.ts";
import {
  boundWords,
  duration,
  ownerWords,
  policyWords,
  proofOf,
  tradeOffRows,
  utcMinute,
} from "../../../core/remediate/words.ts";
import { plan, planInputs } from "../../support/changes.ts";
import { finding } from "../../support/findings.ts";
import { functionArn } from "../../support/scan-fakes.ts";

describe("duration", () => {
  test.each([
    [0, "0 s"],
    [0.25, "0.3 s"],
    [45, "45 s"],
    [119, "119 s"],
    [120, "2 min"],
    [150.4, "2 min 30 s"],
    [3600, "1 h"],
    [5400, "1 h 30 min"],
    [43_200, "12 h"],
    [345_600, "4 d"],
    [90_061, "1 d 1 h"],
  ])("%d s is %s", (seconds, words) => {
    expect(duration(seconds)).toBe(words);
  });

  const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, min: 60, s: 1 };
  const secondsOf = (words: string) =>
    [...words.matchAll(/(\d+(?:\.\d+)?) (d|h|min|s)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? Number.NaN),
      0,
    );

  test("has at most two units and leaves out less than a tenth of the whole", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 14 * 86_400 }), (seconds) => {
        const words = duration(seconds);
        expect(words.split(" ").length).toBeLessThanOrEqual(4);
        const said = secondsOf(words);
        expect(said).toBeLessThanOrEqual(seconds);
        expect(seconds - said).toBeLessThanOrEqual(seconds / 10);
      }),
    );
  });
});

test("utcMinute is a time without seconds", () => {
  expect(utcMinute(Date.parse("2026-11-23T18:00:59.999Z"))).toBe("2026-11-23 18:00 UTC");
});

describe("tradeOffRows", () => {
  const rowsOf = (one: ReturnType<typeof plan>) =>
    Object.fromEntries(tradeOffRows(one).map(({ what, now, after }) => [what, [now, after]]));

  test("says what the plan changes, now and after", () => {
    expect(rowsOf(plan(planInputs("orders", { to: 360 })))).toEqual({
      "visibility timeout": ["30 s", "360 s"],
      "duplicates for 100 messages": ["3.1", "0"],
      "a failed message waits for its retry": ["30 s", "6 min"],
      "until it is in the dead-letter queue": ["2 min 30 s", "30 min"],
      "message retention": ["4 d", "4 d"],
    });
  });

  test("a FIFO group that stands still has a row of its own", () => {
    const rows = rowsOf(plan(planInputs("orders.fifo", { fifo: true })));
    expect(rows["a FIFO group stands still after a failure"]).toEqual(["30 s", "60 s"]);
  });

  test("what is not known is said so, and a message that would expire first too", () => {
    const proposed = plan(planInputs("orders", { redrive: null }));
    const tradeOffs = {
      ...proposed.tradeOffs,
      duplicateSharePercent: { before: null, after: null },
      outlivesRetention: true,
    };
    expect(rowsOf({ ...proposed, tradeOffs })).toMatchObject({
      "duplicates for 100 messages": ["unknown", "unknown"],
      "until it is in the dead-letter queue": ["there is none", "there is none"],
      "message retention": ["4 d", "4 d: a message would expire before it gets there"],
    });
  });
});

test("boundWords names all three bounds", () => {
  const words = boundWords({
    oldestMessageAgeSeconds: 160,
    retryDelaySeconds: 120,
    deadLetteredPerThousand: 5,
  });
  expect(words).toEqual([
    "a message in the queue gets older than 2 min 40 s",
    "a retry waits longer than 2 min",
    "more than 5 of 1,000 messages go to the dead-letter queue",
  ]);
});

test.each([
  ["aws", "6 x function timeout"],
  ["margin", "1.3 x function timeout"],
] as const)("the policy %s is %s", (policy, words) => {
  expect(policyWords({ policy })).toContain(words);
});

test.each([
  [undefined, "not known from its tags"],
  [{ stackName: "shop" }, "CloudFormation stack shop"],
  [{ stackName: "shop", logicalId: "Orders" }, "CloudFormation stack shop, logical id Orders"],
])("the owner %j is %s", (owner, words) => {
  expect(ownerWords({ finding: finding("orders", owner === undefined ? {} : { owner }) })).toBe(words);
});

describe("proofOf", () => {
  type Example = Finding["examples"][number];
  const delivery = (
    requestId: string,
    startedAt: string | null,
    endedAt: string | null,
  ): Example["deliveries"][number] => ({
    requestId,
    functionArn: functionArn("orders-worker"),
    startedAt: startedAt && `2026-11-23T15:00:${startedAt}Z`,
    endedAt: endedAt && `2026-11-23T15:00:${endedAt}Z`,
    outcome: "success",
    receiveCount: null,
  });
  const proof = (...examples: Example["deliveries"][]) =>
    proofOf({
      finding: finding("orders", {
        examples: examples.map((deliveries, index) => ({ messageId: `m${index}`, deliveries })),
      }),
    });

  test("takes the first two deliveries that were at work together: the clearest example comes first", () => {
    const found = proof(
      [delivery("a", "00.000", "10.000"), delivery("b", "20.000", "30.000")],
      [
        delivery("c", "00.000", "40.000"),
        delivery("d", "40.000", "45.000"),
        delivery("e", "44.000", "59.000"),
      ],
      [delivery("f", "00.000", "40.000"), delivery("g", "10.000", "50.000")],
    );
    expect(found).toMatchObject({ messageId: "m1", overlapSeconds: 1 });
    expect(found?.rows.map(({ requestId, functionName }) => [requestId, functionName])).toEqual([
      ["d", "orders-worker"],
      ["e", "orders-worker"],
    ]);
  });

  test.each([
    ["the later one ended first", "35.000", 4.5],
    ["the earlier one ended first", "59.000", 9.5],
    ["the later end is not logged", null, 9.5],
  ])("the overlap ends with whichever ended first: %s", (_, endedAt, overlapSeconds) => {
    const found = proof([delivery("a", "00.000", "40.000"), delivery("b", "30.500", endedAt)]);
    expect(found).toMatchObject({ overlapSeconds });
  });

  test.each([
    ["one after the other", [delivery("a", "00.000", "10.000"), delivery("b", "30.000", "40.000")]],
    ["the first end not logged", [delivery("a", "00.000", null), delivery("b", "30.000", "40.000")]],
    ["the second start not logged", [delivery("a", "00.000", "40.000"), delivery("b", null, "50.000")]],
  ])("%s: shown, with no overlap claimed", (_, deliveries) => {
    const found = proof(deliveries);
    expect(found?.rows.map(({ requestId }) => requestId)).toEqual(["a", "b"]);
    expect(found).not.toHaveProperty("overlapSeconds");
  });

  test("no example, or one of a single delivery, proves nothing", () => {
    expect(proof()).toBeUndefined();
    expect(proof([delivery("a", "00.000", "10.000")])).toBeUndefined();
  });

  test("what is no function's ARN is named as it is", () => {
    const odd = { ...delivery("a", "00.000", null), functionArn: "worker" };
    expect(proof([odd, odd])?.rows[0].functionName).toBe("worker");
  });
});
