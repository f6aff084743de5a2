import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, TransientError, UnreadableError } from "../../../core/errors.ts";
import { readLivePlan } from "../../../core/remediate/live-plan.ts";
import { MODE_TAG } from "../../../core/remediate/queue-policy.ts";
import { planNow, reviewChange } from "../../../core/remediate/review.ts";
import { IGNORE_TAG } from "../../../core/scan/ignore-tag.ts";
import { auditRow, change } from "../../support/changes.ts";
import {
  approvedChange,
  createRemediationFakes,
  putChange,
  type RemediationFakes,
  redriveOf,
  remediationSettings,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { consumer, functionArn, mapping, queueArn } from "../../support/scan-fakes.ts";

const QUEUE = queueArn("orders");
const WORKER = functionArn("orders-worker");

const look = (prepare: (fakes: RemediationFakes) => void = () => {}, settings = remediationSettings()) => {
  const fakes = createRemediationFakes();
  prepare(fakes);
  return readLivePlan(fakes.ports, settings, change());
};

describe("I3: the plan as it would be made now", () => {
  test("nothing changed: the same", async () => {
    expect(await look()).toMatchObject({
      kind: "same",
      toSeconds: 60,
      policy: { mode: "approve" },
    });
  });

  test("what is no input of the plan may change: tags, another queue's mapping, a delay, a disabled consumer", async () => {
    const found = await look((fakes) => {
      fakes.setQueue("orders", { tags: { team: "shop" }, delaySeconds: 5, contentBasedDeduplication: true });
      fakes.mappings.push(mapping("other", "other-worker"));
      fakes.mappings.push(mapping("orders", "spare", { state: "Disabled" }));
      fakes.functions.set(functionArn("spare"), consumer("spare", { timeoutSeconds: 900 }));
    });
    expect(found.kind).toBe("same");
  });

  test.each<[string, (fakes: RemediationFakes) => void, string]>([
    ["the queue's timeout, lower", (f) => f.setSeconds("orders", 20), "visibility timeout: 30 s became 20 s"],
    [
      "the queue's timeout, higher",
      (f) => f.setSeconds("orders", 40),
      "visibility timeout: 30 s became 40 s",
    ],
    ["it was set by hand already", (f) => f.setSeconds("orders", 60), "visibility timeout: 30 s became 60 s"],
    ["it was set higher by hand", (f) => f.setSeconds("orders", 90), "visibility timeout: 30 s became 90 s"],
    [
      "the function's timeout",
      (f) => f.functions.set(WORKER, consumer("orders-worker", { timeoutSeconds: 20 })),
      "proposed visibility timeout: 60 s became 120 s",
    ],
    [
      "the batching window",
      (f) => f.mappings.splice(0, 1, mapping("orders", "orders-worker", { maximumBatchingWindowSeconds: 5 })),
      "proposed visibility timeout: 60 s became 65 s",
    ],
    [
      "the batch size",
      (f) => f.mappings.splice(0, 1, mapping("orders", "orders-worker", { batchSize: 1 })),
      "batch size of orders-worker: 10 became 1",
    ],
    [
      "another consumer",
      (f) => {
        f.mappings.push(mapping("orders", "second"));
        f.functions.set(functionArn("second"), consumer("second"));
      },
      `event source mapping orders-second: does not poll became ${functionArn("second")}`,
    ],
    [
      "the redrive policy",
      (f) => f.setQueue("orders", { redrive: { ...redriveOf("orders"), maxReceiveCount: 3 } }),
      "maxReceiveCount: 5 became 3",
    ],
    [
      "the retention",
      (f) => f.setQueue("orders", { messageRetentionSeconds: 60 }),
      "message retention: 345600 s became 60 s",
    ],
  ])("%s changed: another plan", async (_, prepare, reason) => {
    const found = await look(prepare);
    expect(found).toMatchObject({ kind: "changed", reason });
    expect(found).toHaveProperty("differences.0");
  });

  test("a cap that leaves no room: no raise is left", async () => {
    expect(await look(() => {}, remediationSettings({}, { maxVisibilityTimeoutSeconds: 30 }))).toEqual({
      kind: "changed",
      reason: "no raise is left to be made",
      differences: [],
    });
  });

  test("another policy gives another plan", async () => {
    expect(await look(() => {}, remediationSettings({}, { targetPolicy: "margin" }))).toMatchObject({
      kind: "changed",
    });
  });

  test("a hash that belongs to other inputs is never the same", async () => {
    const fakes = createRemediationFakes();
    const one = change();
    const forged = { ...one, plan: { ...one.plan, hash: "0".repeat(64) } };
    expect(await readLivePlan(fakes.ports, remediationSettings(), forged)).toEqual({
      kind: "changed",
      reason: "the plan would be another one",
      differences: [],
    });
  });

  test.each([
    ["the owner says observe", { [MODE_TAG]: "observe" }, {}, `its tag ${MODE_TAG} says observe`],
    ["the owner ignores it", { [IGNORE_TAG]: "2027-01-01 load test" }, {}, "it is ignored: load test"],
    ["the account observes now", {}, { mode: "observe" as const }, "the account's mode is observe"],
  ])("a queue that may not be changed any more: %s", async (_, tags, settings, reason) => {
    const found = await look((fakes) => fakes.setQueue("orders", { tags }), remediationSettings(settings));
    expect(found).toEqual({
      kind: "changed",
      reason,
      differences: [{ what: "whether it may be changed", was: "yes", is: reason }],
    });
  });

  test("nothing consumes it any more: gone", async () => {
    const found = await look((fakes) => fakes.mappings.splice(0));
    expect(found).toEqual({ kind: "gone", reason: "no event source mapping reads the queue any more" });
  });
});

describe("I8: what cannot be read is never the same", () => {
  const denied = new UnreadableError(QUEUE, "access is denied");

  test.each<[string, (fakes: RemediationFakes) => void, string]>([
    ["the queue", (f) => f.queues.set(QUEUE, denied), "access is denied"],
    [
      "the queue for now",
      (f) => f.fail("queues.describeQueue", new TransientError("throttled")),
      "throttled",
    ],
    [
      "its tags",
      (f) => f.setQueue("orders", { unreadable: [{ resource: QUEUE, reason: "no ListQueueTags" }] }),
      "no ListQueueTags",
    ],
    [
      "the function",
      (f) => f.functions.set(WORKER, new UnreadableError(WORKER, "no such function")),
      "no such function",
    ],
  ])("%s", async (_, prepare, reason) => {
    expect(await look(prepare)).toEqual({ kind: "unreadable", reason });
  });

  test("an account that cannot be read at all is no answer about one queue", async () => {
    const error = new AccountUnreadableError("no credentials");
    await expect(look((fakes) => fakes.fail("mappings.listQueueMappings", error))).rejects.toBe(error);
  });
});

describe("what somebody who decides is shown", () => {
  test.each<[string, (fakes: RemediationFakes) => unknown, string]>([
    ["same", () => {}, "same"],
    ["changed", (f) => f.setSeconds("orders", 40), "changed"],
    ["gone", (f) => f.mappings.splice(0), "changed"],
    ["unreadable", (f) => f.queues.delete(QUEUE), "unreadable"],
  ])("%s is %s", async (_, prepare, kind) => {
    const fakes = createRemediationFakes();
    prepare(fakes);
    expect(await planNow(fakes.ports, remediationSettings(), waitingChange())).toMatchObject({ kind });
  });

  test("the change, how it stands now, and what was asked of it", async () => {
    const fakes = createRemediationFakes();
    await putChange(fakes, waitingChange());
    await fakes.ports.changes.audit(auditRow({ method: "GET", result: "shown" }));
    expect(await reviewChange(fakes.ports, remediationSettings(), "change-orders")).toEqual({
      change: waitingChange(),
      now: { kind: "same" },
      audit: [auditRow({ method: "GET", result: "shown" })],
    });
  });

  test("where nothing can be decided the account is not read", async () => {
    const fakes = createRemediationFakes();
    await putChange(fakes, approvedChange());
    const review = await reviewChange(fakes.ports, remediationSettings(), "change-orders");
    expect(review).toEqual({ change: approvedChange(), audit: [] });
    expect(fakes.log).not.toContain("queues.describeQueue");
  });

  test("an unknown change is none", async () => {
    const { ports } = createRemediationFakes();
    expect(await reviewChange(ports, remediationSettings(), "other")).toBeUndefined();
  });
});
