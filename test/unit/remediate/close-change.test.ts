import { describe, expect, test } from "@jest/globals";
import { ContractError, OutcomeUnknownError, TransientError } from "../../../core/errors.ts";
import { type Change, EffectVerdict } from "../../../core/model/change.ts";
import { closeChange } from "../../../core/remediate/close-change.ts";
import { notifyOutcome } from "../../../core/remediate/notify-outcome.ts";
import { change } from "../../support/changes.ts";
import {
  approvedChange,
  closedChange,
  confirmedChange,
  createRemediationFakes,
  dyingAnywhere,
  NOW_MS,
  putChange,
  type RemediationFakes,
  waitingChange,
} from "../../support/remediation-fakes.ts";

const ID = "change-orders";
const NO_ERROR = { Error: "", Cause: "" };

async function prepare(one: Change) {
  const fakes = createRemediationFakes();
  await putChange(fakes, one);
  return fakes;
}

async function close(one: Change, error = NO_ERROR) {
  const fakes = await prepare(one);
  const output = await closeChange(fakes.ports, { changeId: ID, error });
  return { output, stored: await fakes.ports.changes.get(ID), fakes };
}

describe("closeChange", () => {
  test.each(EffectVerdict.options)("the verdict %s is the outcome, with its reasons", async (verdict) => {
    const { output, stored, fakes } = await close(confirmedChange({ verdict, verdictReasons: ["a", "b"] }));
    expect(output).toEqual({ outcome: verdict });
    expect(stored).toMatchObject({
      status: "closed",
      outcome: verdict,
      outcomeReason: "a; b",
      closedMs: NOW_MS,
    });
    expect(await fakes.ports.changes.open(change({ id: "next" }))).toMatchObject({ id: "next" });
  });

  test("a verdict without reasons needs none", async () => {
    const { stored } = await close(confirmedChange({ verdict: "better" }));
    expect(stored).not.toHaveProperty("outcomeReason");
  });

  test.each<[string, Change, string]>([
    ["before anybody was asked", change(), "nothing was changed"],
    ["while people were asked", waitingChange(), "nothing was changed"],
    ["once approved", approvedChange(), "nothing was changed"],
    [
      "at the write",
      approvedChange({ status: "applying" }),
      "may or may not hold 60 s: look, and set it by hand",
    ],
    [
      "after the write",
      approvedChange({ status: "applied" }),
      "was set to 60 s and is not watched any further",
    ],
    ["while watching", confirmedChange(), "was set to 60 s and is not watched any further"],
    [
      "at the rollback",
      confirmedChange({ status: "rolling-back", verdict: "worse" }),
      "was to be rolled back to 30 s: look, and set it by hand",
    ],
  ])("a failure %s says what is left behind", async (_, one, left) => {
    const { output, stored } = await close(one, { Error: "TransientError", Cause: "throttled" });
    expect(output).toEqual({ outcome: "failed" });
    expect(stored?.outcomeReason).toContain("TransientError: throttled; ");
    expect(stored?.outcomeReason).toContain(left);
  });

  test.each([{ atMs: NOW_MS }, { atMs: NOW_MS, refused: "somebody else set 45 s" }])(
    "a failure after the rollback was noted, %j, changes nothing of its outcome",
    async (rollBack) => {
      const status = "refused" in rollBack ? ("confirmed" as const) : ("rolling-back" as const);
      const one = confirmedChange({ status, verdict: "worse", verdictReasons: ["too old"], rollBack });
      const { output, stored } = await close(one, { Error: "Runtime.ExitError", Cause: "" });
      expect(output).toEqual({ outcome: "worse" });
      expect(stored?.outcomeReason).toBe("too old");
    },
  );

  test("what is closed keeps its outcome", async () => {
    const { output, stored } = await close(closedChange("expired"), { Error: "a", Cause: "b" });
    expect(output).toEqual({ outcome: "expired" });
    expect(stored).toMatchObject({ outcome: "expired" });
  });

  test("closed by somebody who gave no outcome counts as failed", async () => {
    const { outcome: _, ...one } = closedChange("failed");
    expect((await close(one)).output).toEqual({ outcome: "failed" });
  });

  test.each([
    ["Lambda's JSON", "E", String.raw`{"errorMessage":"it \"broke\"","errorType":"E"}`, 'E: it "broke"; '],
    ["plain text", "E", "it broke", "E: it broke; "],
    ["no cause", "States.Timeout", "", "States.Timeout; "],
    ["nothing", "", "", "a step was not reached; "],
    ["something endless", "E", "x".repeat(900), `E: ${"x".repeat(297)} …; `],
  ])("the message of %s", async (_, name, cause, expected) => {
    const { stored } = await close(change(), { Error: name, Cause: cause });
    expect(stored?.outcomeReason).toBe(`${expected}nothing was changed`);
  });

  // Close has no Catch: were it to fail, the queue's place would stay taken until the next scan.
  test("a cause that only looks like JSON never stops Close", async () => {
    const { output } = await close(change(), { Error: "E", Cause: String.raw`"errorMessage": "C:\x"` });
    expect(output).toEqual({ outcome: "failed" });
  });
});

describe("notifyOutcome", () => {
  const run = (fakes: RemediationFakes) => notifyOutcome(fakes.ports, { changeId: ID });

  test.each([
    closedChange("better"),
    closedChange("overridden"),
    waitingChange({ status: "closed", outcome: "expired" }),
    waitingChange({ status: "closed", outcome: "superseded" }),
    change({ status: "closed", outcome: "failed" }),
  ])("$outcome is news to whoever heard of it", async (one) => {
    const fakes = await prepare(one);
    expect(await run(fakes)).toEqual({ sent: true });
    expect(fakes.outbox).toHaveLength(1);
    expect(fakes.approvalOutbox).toEqual([]);
  });

  test("where nobody had heard of it, nobody is told", async () => {
    const fakes = await prepare(change({ status: "closed", outcome: "superseded" }));
    expect(await run(fakes)).toEqual({ sent: false });
    expect(fakes.outbox).toEqual([]);
  });

  test("an open one has no outcome", async () => {
    await expect(run(await prepare(waitingChange()))).rejects.toThrow(ContractError);
  });

  describe("I6: told once", () => {
    test("dying at any call and running again: at most one mail", async () => {
      const deaths = await dyingAnywhere(
        () => prepare(closedChange("better")),
        run,
        async (fakes, where) => {
          expect([where, fakes.outbox.length <= 1]).toEqual([where, true]);
        },
      );
      expect(deaths).toBeGreaterThan(6);
    });

    test("a repeat says that it was sent", async () => {
      const fakes = await prepare(closedChange("better"));
      await run(fakes);
      expect(await run(fakes)).toEqual({ sent: true });
      expect(fakes.outbox).toHaveLength(1);
    });

    test("certainly not sent: tried again", async () => {
      const fakes = await prepare(closedChange("better"));
      fakes.fail("notifier.publish", new TransientError("throttled"));
      await expect(run(fakes)).rejects.toThrow(TransientError);
      expect(await run(fakes)).toEqual({ sent: true });
      expect(fakes.outbox).toHaveLength(1);
    });

    test("perhaps sent: never again", async () => {
      const fakes = await prepare(closedChange("better"));
      fakes.fail("notifier.publish", new OutcomeUnknownError("no answer"), { after: true });
      await expect(run(fakes)).rejects.toThrow(OutcomeUnknownError);
      expect(await run(fakes)).toEqual({ sent: false });
      expect(fakes.outbox).toHaveLength(1);
    });
  });
});
