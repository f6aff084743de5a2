import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../core/errors.ts";
import type { Change } from "../../../core/model/change.ts";
import { applyChange } from "../../../core/remediate/apply-change.ts";
import { MODE_TAG } from "../../../core/remediate/queue-policy.ts";
import { revalidate } from "../../../core/remediate/revalidate.ts";
import { change, plan, planInputs } from "../../support/changes.ts";
import { finding } from "../../support/findings.ts";
import {
  approvedChange,
  closedChange,
  confirmedChange,
  createRemediationFakes,
  dyingAnywhere,
  NOW_MS,
  putChange,
  type RemediationFakes,
  redriveOf,
  remediationSettings,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { queueArn } from "../../support/scan-fakes.ts";

const ID = "change-orders";
const QUEUE = queueArn("orders");
const AUTO = remediationSettings({ mode: "auto" });

async function prepare(one: Change = approvedChange()) {
  const fakes = createRemediationFakes();
  await putChange(fakes, one);
  return fakes;
}

const apply = (fakes: RemediationFakes, settings = remediationSettings()) =>
  applyChange(fakes.ports, settings, { changeId: ID });
const stored = (fakes: RemediationFakes) => fakes.ports.changes.get(ID);

/** Two autos: the account says so, and the queue's tag. */
async function prepareAuto(one: Change = change({ mode: "auto" }), tag = "auto") {
  const fakes = await prepare(one);
  fakes.setQueue("orders", { tags: { [MODE_TAG]: tag } });
  return fakes;
}

describe("applyChange", () => {
  test("sets the new value, once, and notes when", async () => {
    const fakes = await prepare();
    expect(await apply(fakes)).toEqual({ next: "confirm" });
    expect(fakes.writes).toMatchObject([
      { queueArn: QUEUE, queueUrl: change().plan.queueUrl, from: 30, to: 60 },
    ]);
    expect(await stored(fakes)).toMatchObject({ status: "applied", appliedMs: NOW_MS });
  });

  test("the intent is in the ledger before the queue is touched", async () => {
    const fakes = await prepare();
    await apply(fakes);
    expect(fakes.log.indexOf("changes.save")).toBeLessThan(
      fakes.log.indexOf("queueWriter.setVisibilityTimeout"),
    );
  });

  test.each([closedChange("superseded"), closedChange("failed", { appliedMs: NOW_MS })])(
    "a closed one is left alone",
    async (one) => {
      const fakes = await prepare(one);
      expect(await apply(fakes)).toEqual({ next: "stop" });
      expect(fakes.writes).toEqual([]);
    },
  );

  test("one that was applied already goes on to Confirm", async () => {
    const fakes = await prepare(confirmedChange());
    expect(await apply(fakes)).toEqual({ next: "confirm" });
    expect(fakes.writes).toEqual([]);
  });

  test("what somebody else sets in the same moment is theirs", async () => {
    const fakes = await prepare();
    const setVisibilityTimeout = async (url: string, arn: string, seconds: number) => {
      await fakes.ports.queueWriter.setVisibilityTimeout(url, arn, seconds);
      fakes.setSeconds("orders", 45);
    };
    const ports = { ...fakes.ports, queueWriter: { setVisibilityTimeout } };
    const output = await applyChange(ports, remediationSettings(), { changeId: ID });
    expect(output).toEqual({ next: "stop" });
    expect(await stored(fakes)).toMatchObject({
      status: "closed",
      outcome: "overridden",
      outcomeReason: "somebody else set 45 s",
    });
    expect(fakes.secondsOf("orders")).toBe(45);
  });

  test("an old value that is still read back is no override: a change takes up to a minute", async () => {
    const fakes = await prepare();
    const describeQueue = async (arn: string) => ({
      ...(await fakes.ports.queues.describeQueue(arn)),
      visibilityTimeoutSeconds: 30,
    });
    const ports = { ...fakes.ports, queues: { ...fakes.ports.queues, describeQueue } };
    expect(await applyChange(ports, remediationSettings(), { changeId: ID })).toEqual({ next: "confirm" });
    expect(await stored(fakes)).toMatchObject({ status: "applied" });
  });

  test("closed by somebody else between the looks: nothing is written", async () => {
    const fakes = await prepare();
    const describeQueue = async (arn: string) => {
      const now = await stored(fakes);
      if (now !== undefined) {
        await fakes.ports.changes.save({ ...now, status: "closed", outcome: "failed", closedMs: 1 });
      }
      return fakes.ports.queues.describeQueue(arn);
    };
    const ports = { ...fakes.ports, queues: { ...fakes.ports.queues, describeQueue } };
    expect(await applyChange(ports, remediationSettings(), { changeId: ID })).toEqual({ next: "stop" });
    expect(fakes.writes).toEqual([]);
  });

  test("applied by a try that was thought dead: no second write", async () => {
    const fakes = await prepare();
    const describeQueue = async (arn: string) => {
      const settings = await fakes.ports.queues.describeQueue(arn);
      const now = await stored(fakes);
      if (now !== undefined) await fakes.ports.changes.save({ ...now, status: "applied", appliedMs: 1 });
      return settings;
    };
    const ports = { ...fakes.ports, queues: { ...fakes.ports.queues, describeQueue } };
    expect(await applyChange(ports, remediationSettings(), { changeId: ID })).toEqual({ next: "confirm" });
    expect(fakes.writes).toEqual([]);
  });

  test("closed by somebody else while the queue was written: it is not applied a second time", async () => {
    const fakes = await prepare();
    const setVisibilityTimeout = async (url: string, arn: string, seconds: number) => {
      await fakes.ports.queueWriter.setVisibilityTimeout(url, arn, seconds);
      const now = await stored(fakes);
      if (now !== undefined) await fakes.ports.changes.save({ ...now, status: "closed", outcome: "failed" });
    };
    const ports = { ...fakes.ports, queueWriter: { setVisibilityTimeout } };
    expect(await applyChange(ports, remediationSettings(), { changeId: ID })).toEqual({ next: "stop" });
    expect(await stored(fakes)).toMatchObject({ outcome: "failed" });
  });
});

describe("I1, I2: the last door before the queue", () => {
  const withTarget = (to: number) => {
    const inputs = planInputs("orders", { to });
    return approvedChange({ inputs, plan: plan(inputs) });
  };

  test.each([
    ["lower than it is", 20],
    ["as it is", 30],
    ["above what SQS takes", 43_201],
  ])("a plan that says %s (%d s) is refused, even if approved", async (_, to) => {
    const fakes = await prepare(withTarget(to));
    expect(await apply(fakes)).toEqual({ next: "stop" });
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({
      outcome: "superseded",
      outcomeReason: `proposed visibility timeout: ${to} s became 60 s`,
    });
  });

  test.each([
    ["another value", { to: 50 }, "50 s is not the raise that was proposed"],
    ["a value below the old one", { to: 20 }, "20 s is not the raise that was proposed"],
  ])("I3: a record that says %s under an approved hash is refused", async (_, more, reason) => {
    const inputs = planInputs("orders");
    const fakes = await prepare(approvedChange({ inputs, plan: { ...plan(inputs), ...more } }));
    expect(await apply(fakes)).toEqual({ next: "stop" });
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({ outcome: "superseded", outcomeReason: reason });
  });

  test("I3: a record that names another queue's URL changes the queue that was read", async () => {
    const inputs = planInputs("orders");
    const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/another";
    const fakes = await prepare(approvedChange({ inputs, plan: { ...plan(inputs), queueUrl } }));
    expect(await apply(fakes)).toEqual({ next: "confirm" });
    expect(fakes.writes).toEqual([expect.objectContaining({ queueUrl: plan(inputs).queueUrl })]);
  });

  test("above the configured cap, too", async () => {
    const fakes = await prepare();
    await apply(fakes, remediationSettings({}, { maxVisibilityTimeoutSeconds: 59 }));
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({
      outcomeReason: "proposed visibility timeout: 60 s became 59 s",
    });
  });
});

describe("I3: what changed since is not applied", () => {
  test.each<[string, (fakes: RemediationFakes) => unknown, string]>([
    ["the queue, lower", (f) => f.setSeconds("orders", 10), "visibility timeout: 30 s became 10 s"],
    ["the queue, higher", (f) => f.setSeconds("orders", 50), "visibility timeout: 30 s became 50 s"],
    [
      "the queue, to our value, by somebody else",
      (f) => f.setSeconds("orders", 60),
      "visibility timeout: 30 s became 60 s",
    ],
    [
      "the redrive policy",
      (f) => f.setQueue("orders", { redrive: { ...redriveOf("orders"), maxReceiveCount: 2 } }),
      "maxReceiveCount: 5 became 2",
    ],
    ["the mapping", (f) => f.mappings.splice(0), "no event source mapping reads the queue any more"],
    [
      "the owner's mind",
      (f) => f.setQueue("orders", { tags: { [MODE_TAG]: "observe" } }),
      "its tag doubletake:mode says observe",
    ],
    ["the operator's mind", (f) => f.ports.changes.setPaused(true), "Doubletake is paused"],
  ])("%s", async (_, prepareChange, outcomeReason) => {
    const fakes = await prepare();
    await prepareChange(fakes);
    expect(await apply(fakes)).toEqual({ next: "stop" });
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({ status: "closed", outcome: "superseded", outcomeReason });
  });

  test("after the intent was noted, somebody else's value is still not overwritten", async () => {
    const fakes = await prepare(approvedChange({ status: "applying" }));
    fakes.setSeconds("orders", 45);
    expect(await apply(fakes)).toEqual({ next: "stop" });
    expect(fakes.writes).toEqual([]);
  });
});

describe("I5: nothing is applied without consent", () => {
  test.each([
    ["proposed", change()],
    ["waiting", waitingChange()],
    ["waiting with one of two approvals", waitingChange({ decisions: approvedChange().decisions })],
    ["rejected", waitingChange({ status: "rejected" })],
    ["auto, but people were asked", waitingChange({ mode: "auto" })],
    ["auto, with a decision", change({ mode: "auto", decisions: approvedChange().decisions })],
    [
      "auto, with people asked and nothing decided",
      change({ mode: "auto", approval: { askedMs: 1, expiresMs: 2, quorum: 1, approvers: [] } }),
    ],
  ])("%s", async (_, one) => {
    const fakes = await prepareAuto(one);
    expect(await apply(fakes, AUTO)).toEqual({ next: "stop" });
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({
      outcome: "superseded",
      outcomeReason: "it was not approved",
    });
  });

  test("auto with the tag and the account's word needs none", async () => {
    const fakes = await prepareAuto();
    expect(await apply(fakes, AUTO)).toEqual({ next: "confirm" });
    expect(fakes.secondsOf("orders")).toBe(60);
  });

  test.each([
    ["the tag is gone", "approve", AUTO, "proven"],
    ["the account says approve now", "auto", remediationSettings(), "proven"],
    ["it was only measured", "auto", AUTO, "measured"],
  ] as const)("auto no longer: %s", async (_, tag, settings, evidence) => {
    const found = finding("orders", { evidence });
    const fakes = await prepareAuto(change({ mode: "auto", finding: found }), tag);
    await apply(fakes, settings);
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({
      outcomeReason: "it may no longer be applied without asking",
    });
  });

  test("proposed as auto, then asked about, and approved: consent is consent", async () => {
    const fakes = await prepareAuto(approvedChange({ mode: "auto" }), "approve");
    expect(await apply(fakes)).toEqual({ next: "confirm" });
  });
});

describe("I8: what cannot be read is not touched, and tried again", () => {
  test.each([
    ["the queue", approvedChange()],
    ["the queue, after the intent", approvedChange({ status: "applying" })],
  ])("%s", async (_, one) => {
    const fakes = await prepare(one);
    fakes.queues.set(QUEUE, new UnreadableError(QUEUE, "denied"));
    await expect(apply(fakes)).rejects.toThrow(TransientError);
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toEqual(one);
  });

  test("another kind of failure keeps its name", async () => {
    const fakes = await prepare(approvedChange({ status: "applying" }));
    const error = new RangeError("a bug");
    fakes.fail("queues.describeQueue", error);
    await expect(apply(fakes)).rejects.toBe(error);
  });
});

describe("I6: Apply may run twice, and die between any two calls", () => {
  test("the queue is raised, to that value alone, and the change is noted as applied", async () => {
    const deaths = await dyingAnywhere(
      prepare,
      (fakes) => apply(fakes),
      async (fakes, where) => {
        expect([where, fakes.secondsOf("orders")]).toEqual([where, 60]);
        expect([where, fakes.writes.map(({ to }) => to)]).toEqual([where, fakes.writes.map(() => 60)]);
        expect([where, await stored(fakes)]).toMatchObject([where, { status: "applied", appliedMs: NOW_MS }]);
      },
    );
    expect(deaths).toBeGreaterThan(15);
  });

  test("a write whose answer was lost is found on the queue, and not made again", async () => {
    const fakes = await prepare();
    fakes.fail("queueWriter.setVisibilityTimeout", new TransientError("no answer"), { after: true });
    await expect(apply(fakes)).rejects.toThrow(TransientError);
    expect(await apply(fakes)).toEqual({ next: "confirm" });
    expect(fakes.writes).toHaveLength(1);
  });

  test("two at once write the same value, and are applied once", async () => {
    const fakes = await prepare();
    const outputs = await Promise.all([apply(fakes), apply(fakes)]);
    expect(outputs).toEqual([{ next: "confirm" }, { next: "confirm" }]);
    expect(new Set(fakes.writes.map(({ to }) => to))).toEqual(new Set([60]));
    expect(await stored(fakes)).toMatchObject({ status: "applied" });
  });
});

describe("I6: another try of this step that runs at the same time", () => {
  /** Ports on which, while this try looks at the queue for its plan, the other one gets so far. */
  const meanwhile = (fakes: RemediationFakes, act: (now: Change) => Change, seconds?: number) => {
    let acted = false;
    const listQueueMappings = async (arn?: string) => {
      const now = await stored(fakes);
      if (!acted && now !== undefined) {
        acted = true;
        await fakes.ports.changes.save(act(now));
        if (seconds !== undefined) fakes.setSeconds("orders", seconds);
      }
      return fakes.ports.mappings.listQueueMappings(arn);
    };
    return { ...fakes.ports, mappings: { ...fakes.ports.mappings, listQueueMappings } };
  };

  test.each<[string, (now: Change) => Change]>([
    ["has raised the queue", (now) => ({ ...now, status: "applying" })],
    ["has applied it", (now) => ({ ...now, status: "applied", appliedMs: NOW_MS })],
  ])("that %s: this one does not take that for a change by others", async (_, act) => {
    const fakes = await prepare();
    const ports = meanwhile(fakes, act, 60);
    expect(await applyChange(ports, remediationSettings(), { changeId: ID })).toEqual({ next: "confirm" });
    expect(await stored(fakes)).toMatchObject({ status: "applied", appliedMs: NOW_MS });
    expect(fakes.writes).toEqual([]);
  });

  test("that has closed it: stop", async () => {
    const fakes = await prepare();
    const closed = (now: Change): Change => ({ ...now, status: "closed", outcome: "failed", closedMs: 1 });
    const ports = meanwhile(fakes, closed, 45);
    expect(await applyChange(ports, remediationSettings(), { changeId: ID })).toEqual({ next: "stop" });
    expect(await stored(fakes)).toMatchObject({ outcome: "failed" });
  });

  test("that gets on between the last look and the close: tried again, and not closed under its feet", async () => {
    const fakes = await prepare();
    fakes.setSeconds("orders", 45);
    let looks = 0;
    const get = async (id: string) => {
      looks += 1;
      const now = await fakes.ports.changes.get(id);
      // The third look is the one that would close it.
      if (looks === 3 && now !== undefined) {
        await fakes.ports.changes.save({ ...now, status: "applying" });
        return fakes.ports.changes.get(id);
      }
      return now;
    };
    const ports = { ...fakes.ports, changes: { ...fakes.ports.changes, get } };
    await expect(applyChange(ports, remediationSettings(), { changeId: ID })).rejects.toThrow(TransientError);
    expect(await stored(fakes)).toMatchObject({ status: "applying" });
  });
});

describe("revalidate", () => {
  const look = (fakes: RemediationFakes, settings = remediationSettings()) =>
    revalidate(fakes.ports, settings, { changeId: ID });
  const approvalSeconds = 72 * 3600 + 60;

  test("still the same plan: people are asked, for as long as is configured and a minute more", async () => {
    expect(await look(await prepare(change()))).toEqual({ next: "ask", approvalSeconds });
    expect(await look(await prepare(change()), remediationSettings({ approvalHours: 1 }))).toEqual({
      next: "ask",
      approvalSeconds: 3660,
    });
  });

  test("auto: applied without asking, unless the queue or the account say no more", async () => {
    expect(await look(await prepareAuto(), AUTO)).toMatchObject({ next: "apply" });
    expect(await look(await prepareAuto(), remediationSettings())).toMatchObject({ next: "ask" });
    expect(await look(await prepareAuto(change({ mode: "auto" }), "approve"), AUTO)).toMatchObject({
      next: "ask",
    });
    expect(await look(await prepareAuto(change()), AUTO)).toMatchObject({ next: "ask" });
  });

  test.each<[string, (fakes: RemediationFakes) => unknown, string]>([
    ["changed", (f) => f.setSeconds("orders", 45), "visibility timeout: 30 s became 45 s"],
    ["gone", (f) => f.mappings.splice(0), "no event source mapping reads the queue any more"],
    ["paused", (f) => f.ports.changes.setPaused(true), "Doubletake is paused"],
  ])("%s: nobody is asked", async (_, prepareChange, outcomeReason) => {
    const fakes = await prepare(change());
    await prepareChange(fakes);
    expect(await look(fakes)).toEqual({ next: "stop", approvalSeconds });
    expect(await stored(fakes)).toMatchObject({ status: "closed", outcome: "superseded", outcomeReason });
  });

  test("closed already: stop", async () => {
    expect(await look(await prepare(closedChange("failed")))).toMatchObject({ next: "stop" });
  });

  test("I8: unreadable is tried again, and decides nothing", async () => {
    const fakes = await prepare(change());
    fakes.queues.set(QUEUE, new UnreadableError(QUEUE, "denied"));
    await expect(look(fakes)).rejects.toThrow(TransientError);
    expect(await stored(fakes)).toEqual(change());
  });

  test.each([waitingChange(), approvedChange()])(
    "a late double of this step closes nothing that is on its way ($status)",
    async (one) => {
      const fakes = await prepare(one);
      fakes.setSeconds("orders", 45);
      expect(await look(fakes)).toEqual({ next: "ask", approvalSeconds });
      expect(await stored(fakes)).toEqual(one);
    },
  );
});
