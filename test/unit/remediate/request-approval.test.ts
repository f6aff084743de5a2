import { describe, expect, test } from "@jest/globals";
import {
  ApprovalSettledError,
  ConfigError,
  OutcomeUnknownError,
  TransientError,
} from "../../../core/errors.ts";
import { hashOfCode, hashOfLinkId, normaliseCode } from "../../../core/remediate/approval-link.ts";
import { requestApproval } from "../../../core/remediate/request-approval.ts";
import { change } from "../../support/changes.ts";
import {
  ADDRESSES,
  APPROVERS,
  approvedChange,
  closedChange,
  createRemediationFakes,
  dyingAnywhere,
  letterOf,
  NOW_MS,
  putChange,
  type RemediationFakes,
  remediationSettings,
} from "../../support/remediation-fakes.ts";

const ID = "change-orders";
const SETTINGS = remediationSettings({ quorum: 2 });
const EXPIRES_MS = NOW_MS + 72 * 3_600_000;

const ask = (fakes: RemediationFakes, taskToken = "token-1", settings = SETTINGS) =>
  requestApproval(fakes.ports, settings, ADDRESSES, {
    changeId: ID,
    taskToken,
    executionId: "arn:aws:states:eu-west-1:123456789012:execution:remediation:change-orders",
  });

async function prepare(one = change()) {
  const fakes = createRemediationFakes();
  await putChange(fakes, one);
  return fakes;
}

const mailsTo = (fakes: RemediationFakes) => fakes.approvalOutbox.map(({ recipient }) => recipient);

describe("requestApproval", () => {
  test("notes until when, by how many and by whom it is to be decided, and keeps the token", async () => {
    const fakes = await prepare();
    expect(await ask(fakes)).toEqual({ asked: 2 });
    expect(await fakes.ports.changes.get(ID)).toMatchObject({
      status: "waiting",
      approval: { askedMs: NOW_MS, expiresMs: EXPIRES_MS, quorum: 2, approvers: APPROVERS },
    });
    expect(await fakes.ports.changes.listTaskTokens(ID)).toEqual(["token-1"]);
    expect(mailsTo(fakes)).toEqual(APPROVERS);
    expect(fakes.outbox).toEqual([]);
  });

  test("each approver has a link and a code of their own, of which the ledger has hashes alone", async () => {
    const fakes = await prepare();
    await ask(fakes);
    const letters = fakes.approvalOutbox.map(letterOf);
    expect(new Set(letters.flatMap(({ linkId, code }) => [linkId, code])).size).toBe(4);
    for (const { approver, linkId, code } of letters) {
      const link = await fakes.ports.changes.getLink(hashOfLinkId(linkId));
      expect(link).toEqual({
        idHash: hashOfLinkId(linkId),
        changeId: ID,
        approver,
        planHash: change().plan.hash,
        expiresMs: EXPIRES_MS,
        codeHash: hashOfCode(linkId, code),
        tries: 0,
      });
      expect(JSON.stringify(link)).not.toContain(linkId);
      expect(JSON.stringify(link)).not.toContain(code);
    }
  });

  test("an address that is named twice is asked once", async () => {
    const fakes = await prepare();
    const settings = remediationSettings({ approvers: ["ann@example.com", "ann@example.com"] });
    expect(await ask(fakes, "token-1", settings)).toEqual({ asked: 1 });
    expect(mailsTo(fakes)).toEqual(["ann@example.com"]);
  });

  test("with no approvers it waits for the command line", async () => {
    const fakes = await prepare();
    expect(await ask(fakes, "token-1", remediationSettings({ approvers: [] }))).toEqual({ asked: 0 });
    expect(await fakes.ports.changes.get(ID)).toMatchObject({ status: "waiting" });
  });

  test.each([approvedChange(), closedChange("expired")])(
    "decided before anybody could be asked again: nobody is, and the workflow goes on ($status)",
    async (one) => {
      const fakes = await prepare(one);
      await expect(ask(fakes, "token-2")).rejects.toThrow(ApprovalSettledError);
      expect(fakes.approvalOutbox).toEqual([]);
      // Whoever asks again wakes the state that waits now.
      expect(await fakes.ports.changes.listTaskTokens(ID)).toEqual(["token-2"]);
    },
  );
});

describe("I6: nobody is asked twice", () => {
  test("a repeat waits with its own token, until the same hour, and sends nothing", async () => {
    const fakes = await prepare();
    await ask(fakes);
    fakes.nowMs += 3_600_000;
    const settings = remediationSettings({ approvers: ["eve@example.com"], approvalHours: 1 });
    expect(await ask(fakes, "token-2", settings)).toEqual({ asked: 2 });
    expect(mailsTo(fakes)).toEqual(APPROVERS);
    expect(await fakes.ports.changes.listTaskTokens(ID)).toEqual(["token-1", "token-2"]);
    expect(await fakes.ports.changes.get(ID)).toMatchObject({ approval: { expiresMs: EXPIRES_MS } });
  });

  test("dying at any call and running again: at most one mail each, and every link that was mailed works", async () => {
    const deaths = await dyingAnywhere(
      prepare,
      (fakes) => ask(fakes),
      async (fakes, where) => {
        const to = mailsTo(fakes);
        expect([where, to]).toEqual([where, [...new Set(to)]]);
        expect([where, await fakes.ports.changes.listTaskTokens(ID)]).toEqual([where, ["token-1"]]);
        for (const { linkId } of fakes.approvalOutbox.map(letterOf)) {
          expect([where, await fakes.ports.changes.getLink(hashOfLinkId(linkId))]).toMatchObject([
            where,
            { changeId: ID },
          ]);
        }
      },
    );
    expect(deaths).toBeGreaterThan(20);
  });

  test.each([new TransientError("throttled"), new ConfigError("the topic does not exist")])(
    "a mail that was certainly not sent is tried again, the others are not: $name",
    async (error) => {
      const fakes = await prepare();
      fakes.fail("approvalNotifier.publish", error, { skip: 1 });
      await expect(ask(fakes)).rejects.toMatchObject({ name: "TransientError", cause: error });
      expect(mailsTo(fakes)).toEqual(["ann@example.com"]);
      expect(await ask(fakes, "token-2")).toEqual({ asked: 2 });
      expect(mailsTo(fakes)).toEqual(APPROVERS);
    },
  );

  test("a mail that may have been sent is not repeated, and keeps nobody else from being asked", async () => {
    const fakes = await prepare();
    fakes.fail("approvalNotifier.publish", new OutcomeUnknownError("no answer"), { after: true });
    expect(await ask(fakes)).toEqual({ asked: 2 });
    await ask(fakes, "token-2");
    expect(mailsTo(fakes)).toEqual(APPROVERS);
  });
});

describe("approval links", () => {
  test.each([
    ["abcd-2345", "ABCD2345"],
    [" AB CD 23\t45 ", "ABCD2345"],
    ["–_.", ""],
    ["", ""],
  ])("a code typed as %j is %j", (typed, code) => {
    expect(normaliseCode(typed)).toBe(code);
  });

  test("a code's hash is bound to its link: the same code elsewhere has another", () => {
    expect(hashOfCode("link", "abcd-2345")).toBe(hashOfCode("link", "ABCD2345"));
    expect(hashOfCode("link", "ABCD2345")).not.toBe(hashOfCode("other", "ABCD2345"));
    expect(hashOfLinkId("link")).toMatch(/^[0-9a-f]{64}$/);
  });
});
