import { describe, expect, test } from "@jest/globals";
import { ContractError, TransientError, UnreadableError } from "../../../core/errors.ts";
import { type Audience, checkAudiences, unreachedKey } from "../../../core/scan/audience.ts";
import { createRemediationFakes } from "../../support/remediation-fakes.ts";

const DIGEST: Audience = { topicArn: "topic:digest", what: "the digest", addresses: ["ann@example.com"] };
const APPROVAL: Audience = {
  topicArn: "topic:approval",
  what: "requests for approval",
  addresses: ["bob@example.com"],
};
const subscription = (endpoint: string, confirmed: boolean, protocol = "email") => ({
  endpoint,
  protocol,
  confirmed,
});

function prepare(...subscriptions: ReturnType<typeof subscription>[]) {
  const fakes = createRemediationFakes();
  fakes.subscriptions.set(DIGEST.topicArn, subscriptions);
  return fakes;
}

const check = (fakes: ReturnType<typeof prepare>, audiences = [DIGEST]) =>
  checkAudiences(fakes.ports.subscriptions, audiences);
const missed = (problem: string) => ({ address: "ann@example.com", what: "the digest", problem });

describe("checkAudiences", () => {
  test.each([
    ["confirmed", [subscription("ann@example.com", true)], []],
    [
      "confirmed at the second try",
      [subscription("ann@example.com", false), subscription("ann@example.com", true)],
      [],
    ],
    [
      "not confirmed",
      [subscription("ann@example.com", false)],
      [missed("has not confirmed the subscription")],
    ],
    ["gone", [], [missed("is not subscribed, or no longer")]],
    ["another's", [subscription("eve@example.com", true)], [missed("is not subscribed, or no longer")]],
    [
      "no e-mail",
      [subscription("ann@example.com", true, "sms")],
      [missed("is not subscribed, or no longer")],
    ],
  ])("a subscription that is %s", async (_, subscriptions, unreached) => {
    expect(await check(prepare(...subscriptions))).toEqual({ unreached, unreadable: [] });
  });

  test("an address that is named twice is told of once; no addresses need no subscription", async () => {
    const twice = { ...DIGEST, addresses: ["ann@example.com", "ann@example.com"] };
    expect((await check(prepare(), [twice])).unreached).toHaveLength(1);
    expect(await check(prepare(), [{ ...DIGEST, addresses: [] }])).toEqual({ unreached: [], unreadable: [] });
  });

  test.each([
    [new UnreadableError("topic:digest", "denied"), "denied"],
    [new TransientError("throttled"), "throttled"],
  ])("I9: a topic that cannot be read is named, and hides no other: %s", async (error, reason) => {
    const fakes = prepare();
    fakes.fail("subscriptions.list", error);
    expect(await check(fakes, [DIGEST, APPROVAL])).toEqual({
      unreached: [{ address: "bob@example.com", what: "requests for approval", problem: expect.any(String) }],
      unreadable: [{ resource: "topic:digest", reason }],
    });
  });

  test("a bug is no unreadable topic", async () => {
    const fakes = prepare();
    fakes.fail("subscriptions.list", new ContractError("a bug"));
    await expect(check(fakes)).rejects.toThrow("a bug");
  });
});

test("unreachedKey tells troubles apart", () => {
  const one = { address: "a@x", what: "the digest", problem: "has not confirmed the subscription" } as const;
  const others = [
    { ...one, address: "b@x" },
    { ...one, what: "requests for approval" as const },
    { ...one, problem: "is not subscribed, or no longer" as const },
  ];
  expect(new Set([one, ...others].map(unreachedKey)).size).toBe(4);
  expect(unreachedKey({ ...one })).toBe(unreachedKey(one));
});
