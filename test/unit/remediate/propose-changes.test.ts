import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError, ContractError, TransientError } from "../../../core/errors.ts";
import type { Change } from "../../../core/model/change.ts";
import { changeIdOf, proposeChanges } from "../../../core/remediate/propose-changes.ts";
import { MODE_TAG } from "../../../core/remediate/queue-policy.ts";
import { change, plan, planInputs } from "../../support/changes.ts";
import { finding } from "../../support/findings.ts";
import {
  closedChange,
  createRemediationFakes,
  dyingAnywhere,
  NOW_MS,
  putChange,
  putScan,
  queuesLike,
  type RemediationFakes,
  remediationSettings,
  type ScannedQueue,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { deliveryPath, functionArn, queueArn, queueSettings, SCAN } from "../../support/scan-fakes.ts";

const idOf = (name: string, scanId = SCAN.scanId) => changeIdOf(plan(planInputs(name)), scanId);

async function prepare(queues: Readonly<Record<string, ScannedQueue>> = { orders: {} }) {
  const fakes = createRemediationFakes({ queues: queuesLike(...Object.keys(queues)) });
  await putScan(fakes, queues);
  return fakes;
}

const run = (fakes: RemediationFakes, settings = remediationSettings(), scanId = SCAN.scanId) =>
  proposeChanges(fakes.ports, settings, { ...SCAN, scanId });
const listed = async (fakes: RemediationFakes) =>
  (await fakes.ports.changes.list()).map(({ queueName, status }) => `${queueName} ${status}`);
const openOf = async (fakes: RemediationFakes) =>
  (await fakes.ports.changes.list()).filter(({ status }) => status !== "closed");

describe("proposeChanges", () => {
  test("opens a change with all that it was made from, and starts its workflow", async () => {
    const fakes = await prepare();
    expect(await run(fakes)).toEqual({ proposed: 1, open: 0 });
    expect(await fakes.ports.changes.list()).toEqual([
      {
        id: idOf("orders"),
        version: 1,
        queueArn: queueArn("orders"),
        queueName: "orders",
        findingId: "finding-orders",
        scanId: SCAN.scanId,
        mode: "approve",
        status: "proposed",
        plan: plan(planInputs("orders")),
        inputs: planInputs("orders"),
        finding: finding("orders", { plan: plan(planInputs("orders")) }),
        before: {
          window: SCAN.window,
          basis: "metrics",
          messages: 100,
          duplicates: 0,
          oldestMessageAgeSeconds: 1,
          deadLettered: 0,
          longestRetryDelaySeconds: null,
        },
        bounds: { oldestMessageAgeSeconds: 121, retryDelaySeconds: 120, deadLetteredPerThousand: 5 },
        createdMs: NOW_MS,
        decisions: [],
      },
    ]);
    expect([...fakes.executions]).toEqual([[idOf("orders"), "running"]]);
    expect([fakes.outbox, fakes.approvalOutbox, fakes.writes]).toEqual([[], [], []]);
  });

  test("the id is legal as an execution's name, and another one for another scan or plan", () => {
    expect(idOf("orders")).toMatch(/^[0-9a-f]{40}-[\w-]+$/);
    expect(idOf("orders").length).toBeLessThanOrEqual(80);
    expect(new Set([idOf("orders"), idOf("orders", "later"), idOf("other")]).size).toBe(3);
  });

  test("findings without a plan, and of functions without a queue, propose nothing", async () => {
    const fakes = await prepare();
    const document = (await fakes.ports.ledger.getDocument(SCAN.scanId, "document")) as {
      findings: object[];
    };
    const { queueArn: _, ...async } = finding("a", { source: "async" });
    const findings = [finding("orders"), async];
    await fakes.ports.ledger.putDocument(SCAN.scanId, "document", { ...document, findings });
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
  });

  test("auto only where account, tag, proof and price allow it", async () => {
    const fakes = await prepare();
    fakes.setQueue("orders", { tags: { [MODE_TAG]: "auto" } });
    await putScan(fakes, { orders: {} });
    await run(fakes, remediationSettings({ mode: "auto" }));
    expect(await fakes.ports.changes.list()).toMatchObject([{ mode: "auto" }]);
  });

  test.each<[string, ScannedQueue, Parameters<typeof remediationSettings>[0]]>([
    [
      "its owner says observe",
      { path: { settings: queueSettings("orders", { tags: { [MODE_TAG]: "observe" } }) } },
      {},
    ],
    ["its name is not among those that may be changed", {}, { changeQueues: ["shop-*"] }],
    // The plan of a document that another version wrote, or that does not fit to its own path.
    [
      "the plan is not the one of its path (I3)",
      { finding: { plan: { ...plan(planInputs("orders")), hash: "0" } } },
      {},
    ],
    [
      "its path was not measured",
      { finding: { plan: { ...plan(planInputs("orders")), queueArn: queueArn("elsewhere") } } },
      {},
    ],
  ])("not where %s", async (_, queue, settings) => {
    const fakes = await prepare({ orders: queue });
    expect(await run(fakes, remediationSettings(settings))).toEqual({ proposed: 0, open: 0 });
    expect(await listed(fakes)).toEqual([]);
  });

  test("I8: not where the queue's settings could not be read", async () => {
    const fakes = await prepare();
    const { settings: _, ...unread } = deliveryPath("orders");
    await fakes.ports.ledger.putDocument(SCAN.scanId, "batch/0001", [unread]);
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
  });

  test("a batch that is missing or was not measured hides its own queues, not the others", async () => {
    const fakes = await prepare({ orders: {}, other: {} });
    await fakes.ports.ledger.putDocument(SCAN.scanId, "measurement/0001", []);
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
    await fakes.ports.ledger.putDocument(SCAN.scanId, "batch/0001", []);
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
    const discovery = (await fakes.ports.ledger.getDocument(SCAN.scanId, "discovery")) as object;
    await fakes.ports.ledger.putDocument(SCAN.scanId, "discovery", { ...discovery, batches: ["0009"] });
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
  });

  test("without a discovery nothing is known of any path", async () => {
    const fakes = await prepare();
    const document = await fakes.ports.ledger.getDocument(SCAN.scanId, "document");
    await fakes.ports.ledger.putDocument("bare", "document", document);
    expect(await run(fakes, remediationSettings(), "bare")).toEqual({ proposed: 0, open: 0 });
  });

  test("a scan without a document is a bug, and said so", async () => {
    await expect(run(await prepare(), remediationSettings(), "unknown")).rejects.toThrow(ContractError);
  });

  test("I10: in observe not even the ledger is asked", async () => {
    const fakes = await prepare();
    fakes.log.length = 0;
    expect(await run(fakes, remediationSettings({ mode: "observe" }))).toEqual({ proposed: 0, open: 0 });
    expect(fakes.log).toEqual([]);
  });

  test("while paused nothing new is proposed; what is open is still looked after", async () => {
    const fakes = await prepare();
    await putChange(fakes, change({ id: "other", scanId: "earlier", queueArn: queueArn("other") }));
    await fakes.ports.changes.setPaused(true);
    expect(await run(fakes)).toEqual({ proposed: 0, open: 1 });
    expect([...fakes.executions.keys()]).toEqual(["other"]);
  });
});

describe("I4: at most one open change a queue, at most N a scan", () => {
  test("the worst findings first", async () => {
    const fakes = await prepare({
      a: { finding: { severity: "low" } },
      b: { finding: { severity: "critical" } },
      c: { finding: { severity: "medium" } },
      d: { finding: { severity: "high" } },
    });
    expect(await run(fakes, remediationSettings({ maxChangesPerScan: 2 }))).toEqual({ proposed: 2, open: 0 });
    expect((await listed(fakes)).sort()).toEqual(["b proposed", "d proposed"]);
  });

  test("a repeat proposes no more than the first run, whatever has become of those", async () => {
    const fakes = await prepare({ a: {}, b: {}, c: {}, d: {} });
    const settings = remediationSettings({ maxChangesPerScan: 2 });
    await run(fakes, settings);
    const before = await listed(fakes);
    const [first] = await openOf(fakes);
    await fakes.ports.changes.save({
      ...(first as Change),
      status: "closed",
      outcome: "superseded",
      closedMs: 1,
    });
    expect(await run(fakes, settings)).toEqual({ proposed: 2, open: 1 });
    expect((await listed(fakes)).length).toBe(before.length);
  });

  test("a queue whose change is open gets no other, from whichever scan", async () => {
    const fakes = await prepare();
    await putChange(fakes, waitingChange({ id: "earlier", scanId: "earlier" }));
    fakes.executions.set("earlier", "running");
    expect(await run(fakes)).toEqual({ proposed: 0, open: 1 });
    expect(await listed(fakes)).toEqual(["orders waiting"]);
    expect(fakes.log).not.toContain("executions.start");
  });

  test("two findings of one queue are one change", async () => {
    const fakes = await prepare();
    const document = (await fakes.ports.ledger.getDocument(SCAN.scanId, "document")) as {
      findings: object[];
    };
    const findings = [
      ...document.findings,
      { ...document.findings[0], id: "second", cause: "deleted-too-late" },
    ];
    await fakes.ports.ledger.putDocument(SCAN.scanId, "document", { ...document, findings });
    expect(await run(fakes)).toEqual({ proposed: 1, open: 0 });
  });

  test("two runs at once open one each queue, and no more than N together", async () => {
    const fakes = await prepare({ a: {}, b: {}, c: {}, d: {} });
    const settings = remediationSettings({ maxChangesPerScan: 2 });
    await Promise.all([run(fakes, settings), run(fakes, settings), run(fakes, settings)]);
    expect(await listed(fakes)).toEqual(["a proposed", "b proposed"]);
    expect([...fakes.executions.keys()].sort()).toEqual([idOf("a"), idOf("b")].sort());
  });

  test("one that was opened by another try and is closed by now counts as well", async () => {
    const fakes = await prepare({ a: {}, b: {}, c: {}, d: {} });
    const settings = remediationSettings({ maxChangesPerScan: 2 });
    const list = async () => {
      const before = await fakes.ports.changes.list();
      // While this try has its list, the other opens its two, and one of them ends at once.
      if (before.length === 0) {
        await run(fakes, settings);
        const [first] = await openOf(fakes);
        await fakes.ports.changes.save({
          ...(first as Change),
          status: "closed",
          outcome: "superseded",
          closedMs: 1,
        });
      }
      return before;
    };
    const ports = { ...fakes.ports, changes: { ...fakes.ports.changes, list } };
    expect(await proposeChanges(ports, settings, SCAN)).toMatchObject({ proposed: 2 });
    expect(await fakes.ports.changes.list()).toHaveLength(2);
  });

  test("a place that another scan's change took in between is respected, and that one is started", async () => {
    const fakes = await prepare();
    const list = async () => {
      const before = await fakes.ports.changes.list();
      await putChange(fakes, change({ id: "other", scanId: "other-scan" }));
      return before;
    };
    const ports = { ...fakes.ports, changes: { ...fakes.ports.changes, list } };
    expect(await proposeChanges(ports, remediationSettings(), SCAN)).toEqual({ proposed: 0, open: 0 });
    expect(await openOf(fakes)).toMatchObject([{ id: "other" }]);
    expect(fakes.executions.get("other")).toBe("running");
  });
});

describe("what earlier changes say", () => {
  test.each([
    [
      "rejected yesterday",
      waitingChange({ status: "closed", outcome: "rejected", closedMs: NOW_MS - 86_400_000 }),
    ],
    ["undone by somebody", closedChange("better", { closedMs: NOW_MS - 1000 })],
    ["harmful", closedChange("worse", { verdict: "worse", rollBack: { atMs: 1 }, closedMs: 1 })],
  ])("%s: not proposed again", async (_, earlier) => {
    const fakes = await prepare();
    await putChange(fakes, { ...earlier, id: "earlier", scanId: "earlier" });
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
  });

  test("another queue's history says nothing", async () => {
    const fakes = await prepare();
    const earlier = waitingChange({ status: "closed", outcome: "rejected", closedMs: NOW_MS });
    await putChange(fakes, { ...earlier, id: "earlier", scanId: "earlier", queueArn: queueArn("other") });
    expect(await run(fakes)).toEqual({ proposed: 1, open: 0 });
  });
});

describe("I6: what a dead try or a stopped workflow left behind", () => {
  test("dying at any call and running again: each change once, and started", async () => {
    const deaths = await dyingAnywhere(
      () => prepare({ a: {}, b: {} }),
      (fakes) => run(fakes),
      async (fakes, where) => {
        expect([where, await listed(fakes)]).toEqual([where, ["a proposed", "b proposed"]]);
        expect([where, [...fakes.executions.values()]]).toEqual([where, ["running", "running"]]);
        expect(fakes.outbox).toEqual([]);
      },
    );
    expect(deaths).toBeGreaterThan(20);
  });

  test("a change whose workflow was never started is started by the next scan", async () => {
    const fakes = await prepare();
    await putChange(fakes, change({ id: "lost", scanId: "earlier" }));
    expect(await run(fakes)).toEqual({ proposed: 0, open: 1 });
    expect(fakes.executions.get("lost")).toBe("running");
  });

  test("one whose workflow ended without closing it is closed, told, and its queue is free", async () => {
    const fakes = await prepare();
    await putChange(fakes, waitingChange({ id: "stopped", scanId: "earlier" }));
    fakes.executions.set("stopped", "ended");
    expect(await run(fakes)).toEqual({ proposed: 0, open: 0 });
    expect(await fakes.ports.changes.get("stopped")).toMatchObject({
      status: "closed",
      outcome: "failed",
      outcomeReason: "its workflow ended before the change was closed; nothing was changed",
    });
    expect(fakes.outbox).toMatchObject([{ subject: "Doubletake: could not be finished: orders" }]);
    // The next day it may be proposed again.
    fakes.nowMs += 86_400_000;
    expect(await run(fakes)).toEqual({ proposed: 1, open: 0 });
    expect(fakes.outbox).toHaveLength(1);
  });

  // Closed by the first try, it is none of the second's business: nobody hears of it.
  test("a mail that could not be sent then is sent by the repeat", async () => {
    const fakes = await prepare();
    await putChange(fakes, waitingChange({ id: "stopped", scanId: "earlier" }));
    fakes.executions.set("stopped", "ended");
    fakes.fail("notifier.publish", new TransientError("throttled"));
    await expect(run(fakes)).rejects.toThrow(TransientError);
    await run(fakes);
    expect(fakes.outbox).toHaveLength(1);
  });

  test("an account that cannot be read stops the step, and proposes nothing blindly", async () => {
    const fakes = await prepare();
    await putChange(fakes, waitingChange({ id: "open", scanId: "earlier" }));
    fakes.fail("executions.status", new AccountUnreadableError("no credentials"));
    await expect(run(fakes)).rejects.toThrow(AccountUnreadableError);
    expect(await listed(fakes)).toEqual(["orders waiting"]);
  });
});

test("I9: one queue that may not be changed keeps no other from being proposed", async () => {
  const observed = deliveryPath("a", { settings: queueSettings("a", { tags: { [MODE_TAG]: "observe" } }) });
  const fakes = await prepare({
    a: { path: observed },
    b: { finding: { functionArns: [functionArn("b")] } },
  });
  expect(await run(fakes)).toEqual({ proposed: 1, open: 0 });
  expect(await listed(fakes)).toEqual(["b proposed"]);
});
