import { describe, expect, test } from "@jest/globals";
import { ContractError } from "../../../core/errors.ts";
import { ApprovalAnswer, type ApprovalCommand } from "../../../core/model/approval-commands.ts";
import { answerCommand } from "../../../core/remediate/answer-command.ts";
import { change } from "../../support/changes.ts";
import {
  approvedChange,
  closedChange,
  createRemediationFakes,
  NOW_MS,
  putChange,
  type RemediationFakes,
  remediationSettings,
  waitingChange,
} from "../../support/remediation-fakes.ts";
import { queueArn } from "../../support/scan-fakes.ts";

const ID = "change-orders";
const principal = "arn:aws:iam::123456789012:user/ann";
const APPROVE: ApprovalCommand = { action: "approve", changeId: ID, principal, planHash: change().plan.hash };
const REJECT: ApprovalCommand = { action: "reject", changeId: ID, principal, reason: "no" };

async function prepare(one = waitingChange()) {
  const fakes = createRemediationFakes();
  await putChange(fakes, one);
  return fakes;
}

const ask = async (fakes: RemediationFakes, command: ApprovalCommand) =>
  // What goes over the wire is what the schema says.
  ApprovalAnswer.parse(await answerCommand(fakes.ports, remediationSettings(), command));

describe("answerCommand", () => {
  test("list: without what makes a change large, and whether it is paused", async () => {
    const { finding: _, inputs: __, ...summary } = waitingChange();
    const answer = await answerCommand((await prepare()).ports, remediationSettings(), { action: "list" });
    expect(answer).toEqual({ kind: "list", changes: [summary], paused: false });
  });

  test("list: of very many, every open one and the latest, so that Lambda can give them all", async () => {
    const fakes = createRemediationFakes();
    const many = Array.from({ length: 700 }, (_, index) =>
      closedChange("better", { id: `change-${index}`, createdMs: index, queueArn: queueArn(`q${index}`) }),
    );
    const { outcome: _, ...open } = { ...many[3], status: "waiting" as const };
    const list = async () => many.map((one, index) => (index === 3 ? (open as typeof one) : one));
    const ports = { ...fakes.ports, changes: { ...fakes.ports.changes, list } };
    const answer = await answerCommand(ports, remediationSettings(), { action: "list" });
    const ids = answer.kind === "list" ? answer.changes.map(({ id }) => id) : [];
    expect(ids).toEqual(["change-3", ...many.slice(200).map(({ id }) => id)]);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6e6 / 2);
  });

  test("show: the change and how its plan stands now; an unknown one is unknown", async () => {
    const fakes = await prepare();
    expect(await ask(fakes, { action: "show", changeId: ID })).toEqual({
      kind: "show",
      review: { change: waitingChange(), now: { kind: "same" }, audit: [] },
    });
    expect(await ask(fakes, { action: "show", changeId: "other" })).toEqual({ kind: "unknown" });
  });

  test("looking leaves no audit row and changes nothing", async () => {
    const fakes = await prepare();
    fakes.log.length = 0;
    await ask(fakes, { action: "list" });
    await ask(fakes, { action: "show", changeId: ID });
    expect(fakes.log.filter((call) => /save|audit|put|wake|release|setPaused/.test(call))).toEqual([]);
  });

  test.each<[string, ApprovalCommand, ReturnType<typeof change>, string]>([
    ["approve", APPROVE, waitingChange(), "approved"],
    ["reject", REJECT, waitingChange(), "rejected"],
    ["a forged plan", { ...APPROVE, planHash: "0" }, waitingChange(), "changed"],
    ["too late", APPROVE, closedChange("expired", { decisions: [] }), "expired"],
    ["again", REJECT, approvedChange(), "already-decided"],
    ["closed", APPROVE, change({ status: "closed", outcome: "superseded" }), "closed"],
  ])("%s is answered, and leaves an audit row", async (_, command, one, kind) => {
    const fakes = await prepare(one);
    expect(await ask(fakes, command)).toMatchObject({ kind });
    expect(await fakes.ports.changes.listAudit(ID)).toEqual([
      { atMs: NOW_MS, changeId: ID, method: "invoke", approver: `iam:${principal}`, result: kind },
    ]);
  });

  test("a decision on what nobody knows is noted under no change", async () => {
    const fakes = await prepare();
    expect(await ask(fakes, { ...APPROVE, changeId: "other" })).toEqual({ kind: "unknown" });
    expect(await fakes.ports.changes.listAudit("other")).toEqual([]);
    expect(await fakes.ports.changes.listAudit("unknown")).toMatchObject([{ result: "unknown" }]);
  });

  test("pause and resume", async () => {
    const fakes = await prepare();
    expect(await ask(fakes, { action: "pause", principal })).toEqual({ kind: "paused", paused: true });
    expect(await ask(fakes, { action: "list" })).toMatchObject({ paused: true });
    expect(await ask(fakes, { action: "resume", principal })).toEqual({ kind: "paused", paused: false });
    expect(await fakes.ports.changes.isPaused()).toBe(false);
    expect((await fakes.ports.changes.listAudit("unknown")).map(({ result }) => result)).toEqual([
      "paused",
      "resumed",
    ]);
  });

  test("a reason of blanks alone, which the command line does not send, decides nothing", async () => {
    const fakes = await prepare();
    const blank = answerCommand(fakes.ports, remediationSettings(), { ...REJECT, reason: " " });
    await expect(blank).rejects.toThrow(ContractError);
    expect(await fakes.ports.changes.get(ID)).toEqual(waitingChange());
  });
});
