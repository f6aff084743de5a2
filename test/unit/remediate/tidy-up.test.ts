import { describe, expect, test } from "@jest/globals";
import type { Change } from "../../../core/model/change.ts";
import { proposeChanges } from "../../../core/remediate/propose-changes.ts";
import { MODE_TAG } from "../../../core/remediate/queue-policy.ts";
import { plan, planInputs } from "../../support/changes.ts";
import {
  closedChange,
  confirmedChange,
  createRemediationFakes,
  putChange,
  putScan,
  queuesLike,
  type RemediationFakes,
  remediationSettings,
  type ScannedQueue,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { deliveryPath, queueSettings, SCAN } from "../../support/scan-fakes.ts";

const EARLIER = { id: "earlier-change", scanId: "earlier" };

/** A scan of the queue `orders`, and a change of an earlier scan whose workflow runs. */
async function prepare(change: Change, orders: ScannedQueue = {}, execution?: "running" | "ended") {
  const fakes = createRemediationFakes({ queues: queuesLike("orders") });
  await putScan(fakes, { orders });
  await putChange(fakes, change);
  if (execution !== undefined) fakes.executions.set(change.id, execution);
  return fakes;
}

const run = (fakes: RemediationFakes) => proposeChanges(fakes.ports, remediationSettings(), SCAN);
const stored = (fakes: RemediationFakes) => fakes.ports.changes.get(EARLIER.id);

describe("a request that waits for an answer", () => {
  test("goes on waiting where the plan still holds", async () => {
    const fakes = await prepare(waitingChange(EARLIER), {}, "running");
    expect(await run(fakes)).toEqual({ proposed: 0, open: 1 });
    expect(await stored(fakes)).toMatchObject({ status: "waiting" });
    expect(fakes.outbox).toEqual([]);
  });

  test("is over where the plan no longer holds: told once, and the new plan is proposed at once", async () => {
    const inputs = planInputs("orders", { from: 20 });
    // As the queue was when it was proposed; it is 30 s by now.
    const outdated = waitingChange({ ...EARLIER, inputs, plan: plan(inputs) });
    const fakes = await prepare(outdated, {}, "running");
    expect(await run(fakes)).toEqual({ proposed: 1, open: 0 });
    expect(await stored(fakes)).toMatchObject({
      status: "closed",
      outcome: "superseded",
      outcomeReason: "visibility timeout: 20 s became 30 s",
    });
    expect(fakes.outbox).toMatchObject([{ subject: "Doubletake: not changed, things have changed: orders" }]);
    await run(fakes);
    expect(fakes.outbox).toHaveLength(1);
  });

  test("I5: is left to its workflow where somebody decides in that very moment", async () => {
    const inputs = planInputs("orders", { from: 20 });
    const fakes = await prepare(waitingChange({ ...EARLIER, inputs, plan: plan(inputs) }), {}, "running");
    const decide = async () => {
      const now = await stored(fakes);
      if (now?.status === "waiting") await fakes.ports.changes.save({ ...now, status: "approved" });
    };
    const status = async () => {
      await decide();
      return "running" as const;
    };
    const ports = { ...fakes.ports, executions: { ...fakes.ports.executions, status } };
    await proposeChanges(ports, remediationSettings(), SCAN);
    expect(await stored(fakes)).toMatchObject({ status: "approved" });
    expect(fakes.outbox).toEqual([]);
  });

  test("is over where the queue's tag forbids the change by now", async () => {
    const path = deliveryPath("orders", {
      settings: queueSettings("orders", { tags: { [MODE_TAG]: "observe" } }),
    });
    const fakes = await prepare(waitingChange(EARLIER), { path }, "running");
    await run(fakes);
    expect(await stored(fakes)).toMatchObject({
      outcome: "superseded",
      outcomeReason: "its tag doubletake:mode says observe",
    });
  });

  test("I8: goes on waiting where the scan could not read all that the plan depends on", async () => {
    const path = deliveryPath("orders", {
      settings: queueSettings("orders", { visibilityTimeoutSeconds: 45 }),
      unreadable: [{ resource: "function", reason: "denied" }],
    });
    const fakes = await prepare(waitingChange(EARLIER), { path }, "running");
    await run(fakes);
    expect(await stored(fakes)).toMatchObject({ status: "waiting" });
  });
});

describe("a change whose workflow is not there any more", () => {
  test("that people were asked about is not begun again: it is closed and told of", async () => {
    const fakes = await prepare(waitingChange(EARLIER));
    await run(fakes);
    expect(fakes.executions.has(EARLIER.id)).toBe(false);
    expect(await stored(fakes)).toMatchObject({ outcome: "failed" });
    expect(fakes.outbox).toHaveLength(1);
  });

  test("says that the queue was changed, where it was", async () => {
    const fakes = await prepare(confirmedChange(EARLIER), {}, "ended");
    await run(fakes);
    expect((await stored(fakes))?.outcomeReason).toMatch(/the queue was set to 60 s and is not watched/);
  });
});

describe("I6: the outcome of a change that was closed lately", () => {
  test("is told where its workflow could not, once", async () => {
    const fakes = await prepare(closedChange("better", EARLIER));
    await run(fakes);
    await run(fakes);
    expect(fakes.outbox).toMatchObject([{ subject: "Doubletake: it helped: orders" }]);
  });

  test("is left alone where it is old news", async () => {
    const fakes = await prepare(closedChange("better", { ...EARLIER, closedMs: 0 }));
    await run(fakes);
    expect(fakes.outbox).toEqual([]);
  });
});
