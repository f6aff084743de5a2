// From a scan to the outcome of a change, over the wire, on the simulated account's clock.
import { afterEach, describe, expect, test } from "@jest/globals";
import { answerCommand } from "../../core/remediate/answer-command.ts";
import { MODE_TAG } from "../../core/remediate/queue-policy.ts";
import { IGNORE_TAG } from "../../core/scan/ignore-tag.ts";
import type { Scenario } from "../../simulator/scenarios/path-spec.ts";
import {
  type RemediationOptions,
  type SimulatedRemediation,
  simulateRemediation,
} from "../support/simulated-remediation.ts";

const HOUR_MS = 3_600_000;
const running: SimulatedRemediation[] = [];

async function start(options: Partial<RemediationOptions> = {}): Promise<SimulatedRemediation> {
  const simulated = await simulateRemediation({
    seed: 1,
    scenarios: ["visibility-expired"],
    hours: 6,
    ...options,
  });
  running.push(simulated);
  return simulated;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const [queueOf, timeoutOf] = [
  ({ account }: SimulatedRemediation) => account.queues()[0],
  ({ account }: SimulatedRemediation) => account.queues()[0]?.attributes()["VisibilityTimeout"],
];

const subjects = (simulated: SimulatedRemediation) => simulated.mails().map(({ subject }) => subject);

const writes = ({ server }: SimulatedRemediation) => server.requests()["sqs:SetQueueAttributes"] ?? 0;

const tag = (simulated: SimulatedRemediation, key: string, value: string) =>
  simulated.account.tagQueue(queueOf(simulated)?.url ?? "", { [key]: value });

async function onlyChange({ ports }: SimulatedRemediation) {
  const changes = await ports.changes.list();
  expect(changes).toHaveLength(1);
  return changes[0];
}

/** The same failure with two invocations at a time. */
const narrow: Scenario = {
  name: "narrow",
  description: "A tenth of the invocations outlasts the visibility timeout, and two run at a time.",
  causes: ["visibility-expired"],
  planExpected: true,
  build: (beforeEnd) => ({
    queue: { visibilityTimeoutSeconds: 30 },
    producers: [{ rate: { kind: "steady", perSecond: 0.12 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 60,
        work: {
          medianMs: 1_800,
          slow: { share: 0.12, minMs: 33_000, maxMs: 50_000, sinceMs: beforeEnd(5) },
        },
        shape: "node-json",
        maximumConcurrency: 2,
      },
    ],
  }),
};

/** A scan, and its one request for approval. */
async function ask(simulated: SimulatedRemediation) {
  await simulated.scan();
  const [mail] = await simulated.approvalMails();
  if (mail === undefined) throw new Error("expected a request for approval, got none");
  return mail;
}

describe("a change that is approved", () => {
  test("is applied, watched, and ends the duplicates, as the ground truth says too", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    expect(timeoutOf(simulated)).toBe("30");
    expect(await simulated.approve(mail)).toMatchObject({ kind: "approved", missing: 0 });
    await simulated.remediation.ended();

    const change = await onlyChange(simulated);
    expect(change).toMatchObject({ status: "closed", outcome: "better", after: { duplicates: 0 } });
    expect(change?.before.duplicates).toBeGreaterThan(100);
    expect(timeoutOf(simulated)).toBe("360");
    expect(writes(simulated)).toBe(1);
    const { startMs = 0, endMs = 0 } = change?.observation ?? {};
    const truth = simulated.truth.summary(queueOf(simulated)?.arn ?? "", startMs, endMs);
    expect(truth.redeliveriesByCause["visibility-expired"] ?? 0).toBe(0);
    expect(subjects(simulated)).toEqual([
      expect.stringContaining("1 new finding"),
      "Doubletake: approve 30 s -> 360 s on images-events?",
      "Doubletake: visibility timeout of images-events is now 360 s",
      "Doubletake: it helped: images-events",
    ]);
  });

  test("I6: the next scan proposes nothing again and says nothing twice", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    await simulated.approve(mail);
    await simulated.remediation.ended();
    const told = subjects(simulated).length;
    await simulated.scan();
    expect(await simulated.ports.changes.list()).toHaveLength(1);
    expect(subjects(simulated)).toHaveLength(told);
  });

  test("I1: is rolled back where a message gets older than the bound that was shown", async () => {
    const simulated = await start({ scenarios: [narrow] });
    const mail = await ask(simulated);
    // More work than the consumers can do in time: what a stuck consumer or a burst looks like.
    const { url = "" } = queueOf(simulated) ?? {};
    const { advanceTo } = simulated.account;
    let burst = 10_000;
    simulated.account.advanceTo = (timeMs) => {
      advanceTo.call(simulated.account, timeMs);
      for (; burst > 0; burst -= 1) simulated.account.sendMessage(url, { body: "{}" });
    };
    await simulated.approve(mail);
    await simulated.remediation.ended();
    const change = await onlyChange(simulated);
    expect(change).toMatchObject({ outcome: "worse", rollBack: { atMs: expect.any(Number) } });
    expect(change?.outcomeReason).toMatch(/the oldest message was \d+ s old, the bound is \d+ s/);
    expect(timeoutOf(simulated)).toBe("30");
    expect(subjects(simulated).at(-1)).toBe("Doubletake: worse, rolled back: images-events");
  });

  test("I3: is not applied when the function's queue was changed after the proposal", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    simulated.account.setAttributes(queueOf(simulated)?.url ?? "", { VisibilityTimeout: "45" });
    const result = await simulated.approve(mail);
    expect(result).toMatchObject({
      kind: "changed",
      now: { kind: "changed", differences: [{ what: "visibility timeout", was: "30 s", is: "45 s" }] },
    });
    expect(await onlyChange(simulated)).toMatchObject({ status: "waiting", decisions: [] });
    expect(writes(simulated)).toBe(0);
  });
});

describe("I5: a change that is not approved", () => {
  test("is rejected with a reason, told to everybody, and quiet for a while", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    expect(await simulated.reject(mail, "load test until Friday")).toMatchObject({ kind: "rejected" });
    await simulated.remediation.ended();
    expect(await onlyChange(simulated)).toMatchObject({
      outcome: "rejected",
      outcomeReason: "by ada@example.org: load test until Friday",
    });
    expect(await simulated.approve(mail)).toMatchObject({ kind: "already-decided" });
    simulated.account.advanceTo(simulated.account.nowMs() + 3 * HOUR_MS);
    await simulated.scan();
    expect(await simulated.ports.changes.list()).toHaveLength(1);
    expect(writes(simulated)).toBe(0);
    expect(simulated.mails().at(-1)?.text).toMatch(/load test until\s+Friday/);
  });

  test("expires, and a late yes changes nothing", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    const change = await onlyChange(simulated);
    simulated.account.advanceTo(change?.approval?.expiresMs ?? 0);
    expect(await simulated.approve(mail)).toMatchObject({ kind: "expired" });
    const tokens = await simulated.ports.changes.listTaskTokens(change?.id ?? "");
    for (const token of tokens) simulated.remediation.expire(token);
    await simulated.remediation.ended();
    expect(await onlyChange(simulated)).toMatchObject({ outcome: "expired" });
    expect(subjects(simulated).at(-1)).toBe("Doubletake: expired, nothing changed: images-events");
    expect(writes(simulated)).toBe(0);
  });

  test("is asked for again where something else woke the workflow, without a second mail", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    const { id = "" } = (await onlyChange(simulated)) ?? {};
    const [first = ""] = await simulated.ports.changes.listTaskTokens(id);
    await simulated.remediation.callbacks.wake(first);
    // The workflow looks into the ledger, and waits again with another token.
    while ((await simulated.ports.changes.listTaskTokens(id)).length < 2) await new Promise(setImmediate);
    expect(await onlyChange(simulated)).toMatchObject({ status: "waiting" });
    expect(subjects(simulated).filter((subject) => subject.includes("approve"))).toHaveLength(1);
    expect(await simulated.approve(mail)).toMatchObject({ kind: "approved" });
    await simulated.remediation.ended();
    expect(await onlyChange(simulated)).toMatchObject({ outcome: "better" });
  });
});

describe("modes", () => {
  test("auto applies without asking where the queue's tag says so too", async () => {
    const simulated = await start({ change: { mode: "auto", approvers: [] } });
    tag(simulated, MODE_TAG, "auto");
    await simulated.scan();
    await simulated.remediation.ended();
    expect(await onlyChange(simulated)).toMatchObject({ mode: "auto", outcome: "better", decisions: [] });
    expect(timeoutOf(simulated)).toBe("360");
  });

  test("auto asks where the queue has no tag", async () => {
    const simulated = await start({ change: { mode: "auto" } });
    await ask(simulated);
    expect(await onlyChange(simulated)).toMatchObject({ mode: "approve", status: "waiting" });
    expect(writes(simulated)).toBe(0);
  });

  test.each([
    { name: "the account observes", change: { mode: "observe" as const }, tags: {} },
    { name: "the queue's tag says observe", change: {}, tags: { [MODE_TAG]: "observe" } },
    { name: "the queue is ignored", change: {}, tags: { [IGNORE_TAG]: "2026-12-24 load test" } },
    {
      name: "its name is not among those that may be changed",
      change: { changeQueues: ["orders-*"] },
      tags: {},
    },
    { name: "it lacks the tag", change: { changeTag: "team=images" }, tags: {} },
  ])("I10: nothing is proposed where $name", async ({ change, tags }) => {
    const simulated = await start({ change });
    for (const [key, value] of Object.entries(tags)) tag(simulated, key, value);
    await simulated.scan();
    expect(await simulated.ports.changes.list()).toEqual([]);
    expect(writes(simulated)).toBe(0);
  });

  test("an ignored queue is no news until its day is over", async () => {
    const simulated = await start();
    tag(simulated, IGNORE_TAG, "2026-11-23 load test");
    await simulated.scan();
    expect(simulated.mails()).toEqual([]);
    simulated.account.advanceTo(Date.parse("2026-11-24T01:00:00Z"));
    await simulated.scan();
    expect(subjects(simulated)[0]).toContain("1 new finding");
  });
});

describe("what later scans notice", () => {
  test("a deployment that undid the change: told once with the patch, and not applied again", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    await simulated.approve(mail);
    await simulated.remediation.ended();
    simulated.account.setAttributes(queueOf(simulated)?.url ?? "", { VisibilityTimeout: "30" });
    for (let scans = 0; scans < 3; scans += 1) {
      simulated.account.advanceTo(simulated.account.nowMs() + 3 * HOUR_MS);
      await simulated.scan();
    }
    const told = simulated.mails().filter(({ text }) => text.includes("UNDONE"));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain("30 s again, was raised to 360 s. It is not raised a");
    expect(told[0]?.text).toContain("VisibilityTimeout: 360");
    expect(await simulated.ports.changes.list()).toHaveLength(1);
    expect(writes(simulated)).toBe(1);
  });

  test("an address that nobody confirmed: told once, until something changes", async () => {
    const simulated = await start({ change: { approvers: ["ada@example.org", "bob@example.org"] } });
    await simulated.scan();
    const unsubscribed = simulated.mails().length;
    await simulated.unsubscribe("bob@example.org");
    simulated.account.advanceTo(simulated.account.nowMs() + 3 * HOUR_MS);
    await simulated.scan();
    await simulated.scan();
    const told = simulated
      .mails()
      .slice(unsubscribed)
      .filter(({ text }) => text.includes("NOT REACHED"));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain(
      "bob@example.org is not subscribed, or no longer, and misses requests for",
    );
  });
});

describe("several approvers", () => {
  const approvers = ["ada@example.org", "bob@example.org", "cho@example.org"];

  test("each gets a link of their own, and a quorum of two takes two of them", async () => {
    const simulated = await start({ change: { approvers, quorum: 2 } });
    await simulated.scan();
    const mails = await simulated.approvalMails();
    expect(mails.map(({ to }) => to)).toEqual(approvers.map((address) => [address]));
    expect(new Set(mails.map(({ linkId }) => linkId)).size).toBe(3);
    const [ada, bob] = mails;
    if (ada === undefined || bob === undefined) throw new Error("expected three mails");
    expect(await simulated.approve(ada)).toMatchObject({ kind: "approved", missing: 1 });
    expect(await simulated.approve(ada)).toMatchObject({ kind: "already-decided" });
    expect(writes(simulated)).toBe(0);
    expect(await simulated.approve({ ...bob, code: ada.code })).toMatchObject({ kind: "wrong-code" });
    expect(await simulated.approve(bob)).toMatchObject({ kind: "approved", missing: 0 });
    await simulated.remediation.ended();
    expect(await onlyChange(simulated)).toMatchObject({ outcome: "better" });
  });
});

describe("pausing", () => {
  test("nothing is proposed, and nothing can be approved until somebody resumes", async () => {
    const simulated = await start();
    const mail = await ask(simulated);
    const principal = "arn:aws:iam::123456789012:user/ada";
    const command = (action: "pause" | "resume") =>
      answerCommand(simulated.decidePorts, simulated.settings, { action, principal });
    await command("pause");
    expect(await simulated.approve(mail)).toMatchObject({ kind: "changed", now: { kind: "paused" } });
    simulated.account.advanceTo(simulated.account.nowMs() + 3 * HOUR_MS);
    await simulated.scan();
    expect(await onlyChange(simulated)).toMatchObject({ status: "waiting", decisions: [] });
    expect(writes(simulated)).toBe(0);
    await command("resume");
    expect(await simulated.approve(mail)).toMatchObject({ kind: "approved" });
    await simulated.remediation.ended();
    expect(await onlyChange(simulated)).toMatchObject({ outcome: "better" });
  });
});
