import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../core/errors.ts";
import type { Change } from "../../../core/model/change.ts";
import { MOST_TRIES } from "../../../core/remediate/approval-link.ts";
import { concludeApproval } from "../../../core/remediate/conclude-approval.ts";
import {
  approvalsMissing,
  decideByIam,
  decideByLink,
  findByLink,
  settledFor,
  type Vote,
} from "../../../core/remediate/decide.ts";
import { requestApproval } from "../../../core/remediate/request-approval.ts";
import { change } from "../../support/changes.ts";
import {
  ADDRESSES,
  approvedChange,
  closedChange,
  createRemediationFakes,
  dyingAnywhere,
  type Letter,
  letterOf,
  NOW_MS,
  putChange,
  type RemediationFakes,
  remediationSettings,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { queueArn } from "../../support/scan-fakes.ts";

const ID = "change-orders";
const HASH = change().plan.hash;
const YES: Vote = { verdict: "approve", reason: "", planHash: HASH };
const NO: Vote = { verdict: "reject", reason: "on Friday evening?", planHash: "" };

/** Ann and Bob have been asked; the workflow waits with `token`. */
async function asked(quorum = 1) {
  const fakes = createRemediationFakes();
  const settings = remediationSettings({ quorum });
  await putChange(fakes, change());
  await requestApproval(fakes.ports, settings, ADDRESSES, {
    changeId: ID,
    taskToken: "token",
    executionId: "a:b:c:d",
  });
  fakes.waitingTokens.add("token");
  fakes.nowMs += 60_000;
  fakes.log.length = 0;
  const [ann, bob] = fakes.approvalOutbox.map(letterOf) as [Letter, Letter];
  const decide = ({ linkId, code }: Letter, vote: Vote = YES, typed = code) =>
    decideByLink(fakes.ports, settings, { ...vote, linkId, code: typed });
  const command = (principal: string, vote: Vote = YES, changeId = ID) =>
    decideByIam(fakes.ports, settings, { ...vote, changeId, principal });
  const stored = async () => (await fakes.ports.changes.get(ID)) as Change;
  return { fakes, settings, ann, bob, decide, command, stored };
}

describe("a decision by link", () => {
  test("the right code approves: noted first, and then the workflow is woken", async () => {
    const { fakes, ann, decide, stored } = await asked();
    expect(await decide(ann)).toMatchObject({ kind: "approved", missing: 0 });
    expect(await stored()).toMatchObject({
      status: "approved",
      decisions: [{ approver: "ann@example.com", verdict: "approve", atMs: NOW_MS + 60_000 }],
    });
    expect(fakes.woken).toEqual(["token"]);
    expect(fakes.log.indexOf("changes.save")).toBeLessThan(fakes.log.indexOf("callbacks.wake"));
  });

  test("a code counts as it may be typed", async () => {
    const { ann, decide } = await asked();
    expect(await decide(ann, YES, ` ${ann.code.toLowerCase().replace("-", " ")} `)).toMatchObject({
      kind: "approved",
    });
  });

  test("one rejection is enough, and says why", async () => {
    const { fakes, bob, decide, stored } = await asked(2);
    expect(await decide(bob, { ...NO, reason: `  ${"x".repeat(900)} ` })).toMatchObject({ kind: "rejected" });
    expect(await stored()).toMatchObject({
      status: "rejected",
      decisions: [{ approver: "bob@example.com", verdict: "reject", reason: "x".repeat(500) }],
    });
    expect(fakes.woken).toEqual(["token"]);
  });

  test("a quorum of two needs both; the workflow sleeps until then", async () => {
    const { fakes, ann, bob, decide } = await asked(2);
    expect(await decide(ann)).toMatchObject({ kind: "approved", missing: 1, change: { status: "waiting" } });
    expect(fakes.woken).toEqual([]);
    expect(await decide(bob)).toMatchObject({ kind: "approved", missing: 0, change: { status: "approved" } });
    expect(fakes.woken).toEqual(["token"]);
  });

  test("one may approve, and the other still reject", async () => {
    const { ann, bob, decide } = await asked(2);
    await decide(ann);
    expect(await decide(bob, NO)).toMatchObject({ kind: "rejected", change: { status: "rejected" } });
  });

  test("that the workflow could not be told undoes no decision; asking again tells it", async () => {
    const { fakes, ann, decide, stored } = await asked();
    fakes.fail("callbacks.wake", new TransientError("throttled"));
    expect(await decide(ann)).toMatchObject({ kind: "approved" });
    expect((await stored()).status).toBe("approved");
    expect(await decide(ann)).toMatchObject({ kind: "already-decided" });
    expect(fakes.woken).toEqual(["token"]);
  });

  test("a workflow that waits no longer, or was never kept, is no trouble", async () => {
    const { fakes, ann, decide } = await asked();
    fakes.waitingTokens.clear();
    expect(await decide(ann)).toMatchObject({ kind: "approved" });
    const other = createRemediationFakes();
    await putChange(other, waitingChange());
    const vote = { ...YES, changeId: ID, principal: "arn:aws:iam::1:user/ann" };
    expect(await decideByIam(other.ports, remediationSettings(), vote)).toMatchObject({ kind: "approved" });
    expect(other.woken).toEqual([]);
  });

  test("a bug while waking is not hidden", async () => {
    const { fakes, ann, decide } = await asked();
    fakes.fail("callbacks.wake", new RangeError("a bug"));
    await expect(decide(ann)).rejects.toThrow("a bug");
  });
});

describe("I5: a decision counts once", () => {
  test.each<[string, (world: Awaited<ReturnType<typeof asked>>) => Promise<unknown>, string]>([
    ["an unknown link", ({ ann, decide }) => decide({ ...ann, linkId: `${ann.linkId}x` }), "unknown"],
    ["no code", ({ ann, decide }) => decide(ann, YES, ""), "code-missing"],
    ["a code of nothing but hyphens", ({ ann, decide }) => decide(ann, YES, " -- "), "code-missing"],
    ["a wrong code", ({ ann, decide }) => decide(ann, YES, "AAAA-AAAA"), "wrong-code"],
    ["the other approver's code", ({ ann, bob, decide }) => decide(ann, YES, bob.code), "wrong-code"],
    ["no reason", ({ ann, decide }) => decide(ann, { ...NO, reason: "  " }), "reason-missing"],
    ["a command without a reason", ({ command }) => command("me", { ...NO, reason: " " }), "reason-missing"],
    ["a forged plan", ({ ann, decide }) => decide(ann, { ...YES, planHash: "0".repeat(64) }), "changed"],
    ["a command for an unknown change", ({ command }) => command("me", YES, "other"), "unknown"],
    [
      "too late",
      ({ fakes, ann, decide }) => {
        fakes.nowMs = NOW_MS + 72 * 3_600_000;
        return decide(ann);
      },
      "expired",
    ],
  ])("%s changes nothing, and wakes nobody", async (_, act, kind) => {
    const world = await asked();
    const before = await world.stored();
    expect(await act(world)).toMatchObject({ kind });
    expect(await world.stored()).toEqual(before);
    expect(world.fakes.woken).toEqual([]);
  });

  test("the last millisecond still counts", async () => {
    const { fakes, ann, decide } = await asked();
    fakes.nowMs = NOW_MS + 72 * 3_600_000 - 1;
    expect(await decide(ann)).toMatchObject({ kind: "approved" });
  });

  test("a slow look at the account does not stretch the time", async () => {
    const { fakes, settings, ann, stored } = await asked();
    const slow = {
      ...fakes.ports.queues,
      describeQueue: async (arn: string) => {
        fakes.nowMs = NOW_MS + 72 * 3_600_000;
        return fakes.ports.queues.describeQueue(arn);
      },
    };
    const vote = { ...YES, linkId: ann.linkId, code: ann.code };
    expect(await decideByLink({ ...fakes.ports, queues: slow }, settings, vote)).toMatchObject({
      kind: "expired",
    });
    expect((await stored()).decisions).toEqual([]);
  });

  test("a second decision of the same approver, or after the matter is settled, is answered and not counted", async () => {
    const { ann, bob, decide, stored } = await asked();
    await decide(ann);
    expect(await decide(ann)).toMatchObject({ kind: "already-decided" });
    expect(await decide(ann, NO)).toMatchObject({ kind: "already-decided" });
    expect(await decide(bob, NO)).toMatchObject({ kind: "already-decided" });
    expect(await stored()).toMatchObject({
      status: "approved",
      decisions: [{ approver: "ann@example.com" }],
    });
  });

  test("the same approver does not make a quorum of two", async () => {
    const { ann, decide, stored } = await asked(2);
    await decide(ann);
    expect(await decide(ann)).toMatchObject({ kind: "already-decided" });
    expect((await stored()).status).toBe("waiting");
  });

  test.each([1, 2])(
    "decided at the same moment, with a quorum of %d: each counts at most once",
    async (quorum) => {
      const { ann, bob, decide, stored } = await asked(quorum);
      const results = await Promise.all([decide(ann), decide(ann), decide(bob), decide(bob)]);
      const counted = results.filter(({ kind }) => kind === "approved");
      expect(counted).toHaveLength(quorum);
      const { status, decisions } = await stored();
      expect(status).toBe("approved");
      expect(new Set(decisions.map(({ approver }) => approver)).size).toBe(quorum);
    },
  );

  test("yes and no at the same moment: the first is kept, the other is told so", async () => {
    const { ann, bob, decide, stored } = await asked();
    const kinds = (await Promise.all([decide(ann), decide(bob, NO)])).map(({ kind }) => kind).sort();
    const { status, decisions } = await stored();
    expect(kinds).toEqual(["already-decided", status]);
    expect(decisions).toHaveLength(1);
  });

  test(`after ${MOST_TRIES} wrong codes even the right one is refused, and the other approver is not locked out`, async () => {
    const { ann, bob, decide, stored } = await asked();
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      const answer = await decide(ann, YES, "AAAA-AAAA");
      expect(answer).toMatchObject({ kind: "wrong-code", triesLeft: MOST_TRIES - tries });
    }
    expect(await decide(ann)).toMatchObject({ kind: "too-many-tries" });
    expect((await stored()).decisions).toEqual([]);
    expect(await decide(bob)).toMatchObject({ kind: "approved" });
  });

  test("many wrong codes at once are counted one by one", async () => {
    const { ann, decide } = await asked();
    const answers = await Promise.all(Array.from({ length: 20 }, () => decide(ann, YES, "AAAA-AAAA")));
    expect(answers.filter(({ kind }) => kind === "wrong-code")).toHaveLength(MOST_TRIES);
  });

  test("what no person would send costs no try: a scanner locks nobody out", async () => {
    const { ann, decide } = await asked();
    for (let tries = 0; tries < 20; tries += 1) {
      await decide(ann, YES, "");
      await decide(ann, { ...NO, reason: "" });
    }
    expect(await decide(ann)).toMatchObject({ kind: "approved" });
  });

  test("a link whose record is gone by the time the tries are read leaves none", async () => {
    const { fakes, settings, ann } = await asked();
    let looks = 0;
    const getLink = async (idHash: string) => {
      looks += 1;
      return looks === 1 ? fakes.ports.changes.getLink(idHash) : undefined;
    };
    const ports = { ...fakes.ports, changes: { ...fakes.ports.changes, getLink } };
    const vote = { ...YES, linkId: ann.linkId, code: "AAAA-AAAA" };
    expect(await decideByLink(ports, settings, vote)).toMatchObject({ kind: "wrong-code", triesLeft: 0 });
  });

  test("a link to a change that is no longer kept is unknown", async () => {
    const { fakes, ann } = await asked();
    const changes = { ...fakes.ports.changes, get: async () => undefined };
    expect(await findByLink({ changes }, ann.linkId)).toBeUndefined();
  });

  test("dying at any call and deciding again: counted once, and the workflow is told", async () => {
    let ann: Letter | undefined;
    const prepare = async () => {
      const world = await asked();
      ann = world.ann;
      return world.fakes;
    };
    const step = (fakes: RemediationFakes) =>
      decideByLink(fakes.ports, remediationSettings(), {
        ...YES,
        linkId: ann?.linkId ?? "",
        code: ann?.code ?? "",
      });
    const deaths = await dyingAnywhere(prepare, step, async (fakes, where) => {
      const stored = await fakes.ports.changes.get(ID);
      expect([where, stored?.status, stored?.decisions.length]).toEqual([where, "approved", 1]);
      expect([where, fakes.woken.includes("token")]).toEqual([where, true]);
    });
    expect(deaths).toBeGreaterThan(15);
  });
});

describe("I3: only what was shown, and only while it is the same, is approved", () => {
  test.each<[string, (fakes: RemediationFakes) => void, string]>([
    ["the queue was changed", (fakes) => fakes.setSeconds("orders", 45), "changed"],
    ["nothing reads it any more", (fakes) => fakes.mappings.splice(0), "changed"],
    [
      "it cannot be read (I8)",
      (fakes) => fakes.queues.set(queueArn("orders"), new UnreadableError("q", "denied")),
      "unreadable",
    ],
  ])("%s", async (_, prepare, kind) => {
    const { fakes, ann, decide, command, stored } = await asked();
    prepare(fakes);
    expect(await decide(ann)).toMatchObject({ kind: "changed", now: { kind } });
    expect(await command("me")).toMatchObject({ kind: "changed", now: { kind } });
    expect((await stored()).decisions).toEqual([]);
    // A no needs nothing to be as it was.
    expect(await decide(ann, NO)).toMatchObject({ kind: "rejected" });
  });
});

describe("a decision by command", () => {
  test("counts, with the principal as stated", async () => {
    const { command, stored } = await asked();
    expect(await command("arn:aws:iam::123456789012:user/ann")).toMatchObject({
      kind: "approved",
      missing: 0,
    });
    expect((await stored()).decisions).toMatchObject([
      { approver: "iam:arn:aws:iam::123456789012:user/ann" },
    ]);
  });

  test("all principals together are one approver of the quorum", async () => {
    const { ann, decide, command } = await asked(2);
    expect(await command("one")).toMatchObject({ missing: 1 });
    expect(await command("two")).toMatchObject({ missing: 1 });
    expect(await decide(ann)).toMatchObject({ missing: 0 });
  });

  test("rejects, and is told what was decided already", async () => {
    const { command, stored } = await asked();
    expect(await command("one", NO)).toMatchObject({ kind: "rejected" });
    expect(await command("one")).toMatchObject({ kind: "already-decided" });
    expect((await stored()).status).toBe("rejected");
  });
});

describe("settledFor", () => {
  const EXPIRES_MS = waitingChange().approval?.expiresMs ?? 0;
  test.each([
    ["waits", waitingChange(), NOW_MS, undefined],
    ["waits, and it is time", waitingChange(), EXPIRES_MS, "expired"],
    ["was closed as expired", closedChange("expired", { decisions: [] }), NOW_MS, "expired"],
    ["was approved", approvedChange(), NOW_MS, "already-decided"],
    ["was closed undecided", change({ status: "closed", outcome: "superseded" }), NOW_MS, "closed"],
    ["was not asked yet", change(), NOW_MS, "closed"],
  ] as const)("a change that %s", (_, one, nowMs, kind) => {
    expect(settledFor(one, "bob@example.com", nowMs)?.kind).toBe(kind);
  });
});

test("approvalsMissing counts one where nobody said how many", () => {
  expect(approvalsMissing(change())).toBe(1);
  expect(approvalsMissing(approvedChange())).toBe(0);
});

describe("concludeApproval: what woke the workflow is not believed", () => {
  const conclude = async (one: Change, nowMs = NOW_MS) => {
    const fakes = createRemediationFakes({ nowMs });
    await putChange(fakes, one);
    const output = await concludeApproval(fakes.ports, { changeId: ID });
    return { output, stored: await fakes.ports.changes.get(ID) };
  };

  test.each([
    [
      "waiting: a forged or early wake",
      waitingChange(),
      { next: "ask", approvalSeconds: 72 * 3600 - 60 + 60 },
    ],
    [
      "proposed: the state timed out before anybody was asked",
      change(),
      { next: "ask", approvalSeconds: 60 },
    ],
    ["approved", approvedChange(), { next: "apply", approvalSeconds: 0 }],
    ["applying", approvedChange({ status: "applying" }), { next: "apply", approvalSeconds: 0 }],
    ["closed", closedChange("superseded"), { next: "stop", approvalSeconds: 0 }],
  ] as const)("%s", async (_, one, expected) => {
    const { output, stored } = await conclude(one);
    expect(output).toEqual(expected);
    expect(stored).toEqual(one);
  });

  test("expired: nothing is changed, and the queue is free again", async () => {
    const { output, stored } = await conclude(waitingChange(), NOW_MS + 73 * 3_600_000);
    expect(output).toEqual({ next: "stop", approvalSeconds: 0 });
    expect(stored).toMatchObject({ status: "closed", outcome: "expired" });
  });

  test("I5: a decision of the last moment that is written only now counts", async () => {
    const fakes = createRemediationFakes({ nowMs: NOW_MS + 73 * 3_600_000 });
    await putChange(fakes, waitingChange());
    let looks = 0;
    const get = async (id: string) => {
      looks += 1;
      const now = await fakes.ports.changes.get(id);
      if (looks === 2 && now !== undefined) {
        await fakes.ports.changes.save({ ...approvedChange(), version: now.version });
        return fakes.ports.changes.get(id);
      }
      return now;
    };
    const ports = { ...fakes.ports, changes: { ...fakes.ports.changes, get } };
    expect(await concludeApproval(ports, { changeId: ID })).toEqual({ next: "apply", approvalSeconds: 0 });
    expect(await fakes.ports.changes.get(ID)).toMatchObject({ status: "approved" });
  });

  test("waiting with nothing noted of it is expired", async () => {
    const { stored } = await conclude(change({ status: "waiting" }));
    expect(stored).toMatchObject({ outcome: "expired" });
  });

  test.each([
    [{ reason: "not now" }, "by bob@example.com: not now"],
    [{}, "by bob@example.com: no reason given"],
  ])("rejected %j", async (more, outcomeReason) => {
    const decisions: Change["decisions"] = [
      { approver: "ann@example.com", verdict: "approve", atMs: NOW_MS },
      { approver: "bob@example.com", verdict: "reject", atMs: NOW_MS, ...more },
    ];
    const { output, stored } = await conclude(waitingChange({ status: "rejected", decisions }));
    expect(output.next).toBe("stop");
    expect(stored).toMatchObject({ status: "closed", outcome: "rejected", outcomeReason });
  });

  test("rejected by nobody known still ends as rejected", async () => {
    const { stored } = await conclude(waitingChange({ status: "rejected" }));
    expect(stored).toMatchObject({ outcome: "rejected" });
    expect(stored).not.toHaveProperty("outcomeReason");
  });
});
