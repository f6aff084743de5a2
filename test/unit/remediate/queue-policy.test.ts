import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ChangeSettings, Mode } from "../../../core/model/change-settings.ts";
import { decisionMode, MODE_TAG, queuePolicy } from "../../../core/remediate/queue-policy.ts";
import { IGNORE_TAG } from "../../../core/scan/ignore-tag.ts";
import { plan, planInputs } from "../../support/changes.ts";
import { NOW_MS } from "../../support/remediation-fakes.ts";
import { deliveryPath, queueSettings } from "../../support/scan-fakes.ts";

const policy = (tags: Record<string, string>, account: Partial<ChangeSettings> = {}) =>
  queuePolicy(
    deliveryPath("orders", { settings: queueSettings("orders", { tags }) }),
    ChangeSettings.parse(account),
    NOW_MS,
  );

describe("queuePolicy", () => {
  test.each([
    ["observe", undefined, "observe"],
    ["approve", undefined, "approve"],
    ["auto", undefined, "approve"],
    ["observe", "auto", "observe"],
    ["approve", "auto", "approve"],
    ["auto", "auto", "auto"],
    ["auto", "approve", "approve"],
    ["auto", "observe", "observe"],
    ["approve", "observe", "observe"],
    ["auto", "Auto", "observe"],
    ["auto", "", "observe"],
  ] as const)("the account says %s, the tag %s → %s", (mode, tag, expected) => {
    const found = policy(tag === undefined ? {} : { [MODE_TAG]: tag }, { mode });
    expect(found.mode).toBe(expected);
    expect(found.reason === undefined).toBe(expected !== "observe");
  });

  test("a tag narrows what the account allows, and never widens it", () => {
    const rank = (mode: Mode) => Mode.options.indexOf(mode);
    fc.assert(
      fc.property(
        fc.constantFrom(...Mode.options),
        fc.option(fc.oneof(fc.constantFrom<string>(...Mode.options), fc.string()), { nil: undefined }),
        (mode, tag) => {
          const found = policy(tag === undefined ? {} : { [MODE_TAG]: tag }, { mode });
          expect(rank(found.mode)).toBeLessThanOrEqual(rank(mode));
          if (tag !== "auto") expect(found.mode).not.toBe("auto");
        },
      ),
    );
  });

  test.each([
    [["orders"], true],
    [["ord*"], true],
    [["shop-*", "orders"], true],
    [["shop-*"], false],
  ])("names that may be changed: %j → %s", (changeQueues, allowed) => {
    const found = policy({}, { changeQueues });
    expect(found.mode).toBe(allowed ? "approve" : "observe");
    if (!allowed) expect(found.reason).toBe("its name is not among the queues that may be changed");
  });

  test.each([
    ["team=shop", { team: "shop" }, true],
    ["team=shop", { team: "bank" }, false],
    ["team=shop", {}, false],
    ["team=a=b", { team: "a=b" }, true],
    ["team=a=b", { "team=a": "b" }, false],
  ])("the tag %s on a queue with %j → %s", (changeTag, tags, allowed) => {
    expect(policy(tags as Record<string, string>, { changeTag }).mode).toBe(allowed ? "approve" : "observe");
  });

  test("a queue that is ignored may not be changed, for as long as it is", () => {
    const ignored = policy({ [IGNORE_TAG]: "2026-12-31 load test" });
    expect(ignored).toMatchObject({
      mode: "observe",
      reason: "it is ignored: load test",
      ignored: { reason: "load test" },
    });
    expect(policy({ [IGNORE_TAG]: "2026-01-31 load test" }).mode).toBe("approve");
  });

  test("an ignore tag that is not understood leaves the queue alone", () => {
    expect(policy({ [IGNORE_TAG]: "for ever" })).toMatchObject({
      mode: "observe",
      reason: expect.stringContaining("is not understood"),
    });
  });

  test("a queue whose settings are not known has no tags", () => {
    const { settings: _, ...unread } = deliveryPath("orders");
    expect(queuePolicy(unread, ChangeSettings.parse({ mode: "auto" }), NOW_MS)).toEqual({ mode: "approve" });
  });
});

describe("decisionMode", () => {
  const plain = plan(planInputs("orders"));
  const fifo = plan(planInputs("orders.fifo", { fifo: true }));
  const outliving = { ...plain, tradeOffs: { ...plain.tradeOffs, outlivesRetention: true } };

  test.each([
    ["auto", "proven", plain, "auto"],
    ["approve", "proven", plain, "approve"],
    ["auto", "measured", plain, "approve"],
    ["auto", "proven", fifo, "approve"],
    ["auto", "proven", outliving, "approve"],
  ] as const)("%s and %s → %#", (mode, evidence, proposed, expected) => {
    expect(decisionMode({ mode }, evidence, proposed)).toBe(expected);
  });
});
