import { describe, expect, test } from "@jest/globals";
import { ContractError, TransientError } from "../../../core/errors.ts";
import { conclude, requireChange, updateChange } from "../../../core/remediate/changes.ts";
import { NO_EXECUTIONS } from "../../../core/remediate/ports.ts";
import { change } from "../../support/changes.ts";
import { closedChange, createRemediationFakes, NOW_MS, putChange } from "../../support/remediation-fakes.ts";

const ID = "change-orders";

async function prepare(one = change()) {
  const fakes = createRemediationFakes();
  await putChange(fakes, one);
  return { fakes, changes: fakes.ports.changes };
}

describe("requireChange", () => {
  test("finds it, or says that it is not there", async () => {
    const { changes } = await prepare();
    expect(await requireChange(changes, ID)).toEqual(change());
    await expect(requireChange(changes, "other")).rejects.toThrow(ContractError);
  });
});

describe("updateChange", () => {
  test("returns the change as the ledger has it", async () => {
    const { changes } = await prepare();
    const written = await updateChange(changes, ID, (now) => ({ ...now, status: "waiting" }));
    expect(written).toEqual({ ...change(), status: "waiting", version: 2 });
    expect(await changes.get(ID)).toEqual(written);
  });

  test("what is left as it is is not written", async () => {
    const { fakes, changes } = await prepare();
    expect(await updateChange(changes, ID, () => undefined)).toEqual(change());
    expect(fakes.log).not.toContain("changes.save");
  });

  test("a write by somebody else in between is seen, not overwritten", async () => {
    const { changes } = await prepare();
    let looks = 0;
    const written = await updateChange(
      {
        ...changes,
        save: async (wanted) => {
          looks += 1;
          if (looks === 1)
            await changes.save({ ...change(), decisions: [{ approver: "a", verdict: "approve", atMs: 1 }] });
          return changes.save(wanted);
        },
      },
      ID,
      (now) => ({ ...now, status: "waiting" }),
    );
    expect(looks).toBe(2);
    expect(written).toMatchObject({ status: "waiting", version: 3, decisions: [{ approver: "a" }] });
  });

  test("a race that is never won is given up, for later", async () => {
    const { changes } = await prepare();
    const lost = { ...changes, save: async () => false };
    await expect(updateChange(lost, ID, (now) => now)).rejects.toThrow(TransientError);
  });

  test("twenty at once all have their say", async () => {
    const { changes } = await prepare();
    const all = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(
      all.map((approver) =>
        updateChange(changes, ID, (now) => ({
          ...now,
          decisions: [...now.decisions, { approver, verdict: "approve", atMs: 1 }],
        })),
      ),
    );
    const { decisions } = await requireChange(changes, ID);
    expect(decisions.map(({ approver }) => approver).sort()).toEqual(all.toSorted());
  });
});

describe("conclude", () => {
  test("closes the change, says why, and gives the queue's place free (I4)", async () => {
    const { fakes, changes } = await prepare();
    expect(await conclude(fakes.ports, ID, "failed", "a bug")).toMatchObject({
      status: "closed",
      outcome: "failed",
      outcomeReason: "a bug",
      closedMs: NOW_MS,
    });
    expect(await changes.open(change({ id: "next" }))).toMatchObject({ id: "next" });
  });

  test("a repeat keeps the first outcome and its time, and still gives the place free (I6)", async () => {
    const { fakes, changes } = await prepare();
    fakes.fail("changes.release", new TransientError("throttled"));
    await expect(conclude(fakes.ports, ID, "expired")).rejects.toThrow(TransientError);
    fakes.nowMs += 1;
    const closed = await conclude(fakes.ports, ID, "failed", "later");
    expect(closed).toMatchObject({ outcome: "expired", closedMs: NOW_MS });
    expect(closed).not.toHaveProperty("outcomeReason");
    expect(await changes.open(change({ id: "next" }))).toMatchObject({ id: "next" });
  });

  test("a change that has moved on from the status in which it was to be closed is left alone, with its place", async () => {
    const { fakes, changes } = await prepare();
    expect(await conclude(fakes.ports, ID, "expired", undefined, "waiting")).toEqual(change());
    expect(await changes.open(change({ id: "next" }))).toMatchObject({ id: ID });
    expect(await conclude(fakes.ports, ID, "expired", undefined, "proposed")).toMatchObject({
      status: "closed",
    });
  });

  test("closed is closed", async () => {
    const { fakes } = await prepare(closedChange("better"));
    expect(await conclude(fakes.ports, ID, "failed")).toMatchObject({ outcome: "better" });
  });
});

test("I10: without a workflow nothing can be started, and nothing runs", async () => {
  expect(() => NO_EXECUTIONS.start(ID)).toThrow("there is no remediation workflow here");
  expect(await NO_EXECUTIONS.status(ID)).toBe("absent");
});
