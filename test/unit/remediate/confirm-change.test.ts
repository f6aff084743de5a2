import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { OutcomeUnknownError, TransientError } from "../../../core/errors.ts";
import type { Change } from "../../../core/model/change.ts";
import { confirmChange, observationWindow } from "../../../core/remediate/confirm-change.ts";
import {
  approvedChange,
  closedChange,
  createRemediationFakes,
  dyingAnywhere,
  NOW_MS,
  putChange,
  type RemediationFakes,
  remediationSettings,
} from "../../support/remediation-fakes.ts";

const ID = "change-orders";
const APPLIED = approvedChange({ status: "applied", appliedMs: NOW_MS - 60_000 });
const MINUTE_MS = 60_000;

async function prepare(one: Change = APPLIED, seconds = 60) {
  const fakes = createRemediationFakes();
  fakes.setSeconds("orders", seconds);
  await putChange(fakes, one);
  return fakes;
}

const run = (fakes: RemediationFakes) => confirmChange(fakes.ports, remediationSettings(), { changeId: ID });
const stored = (fakes: RemediationFakes) => fakes.ports.changes.get(ID);

describe("observationWindow", () => {
  test("is of whole minutes, as long as asked, and begins when messages in flight have their new deadline", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 0, max: 43_200 }),
        fc.integer({ min: 15, max: 10_080 }),
        (confirmedMs, oldSeconds, minutes) => {
          const { startMs, endMs } = observationWindow(confirmedMs, oldSeconds, minutes);
          expect([startMs % MINUTE_MS, endMs - startMs]).toEqual([0, minutes * MINUTE_MS]);
          const settledMs = confirmedMs + oldSeconds * 1000;
          expect(startMs).toBeGreaterThanOrEqual(settledMs);
          expect(startMs - settledMs).toBeLessThan(MINUTE_MS);
        },
      ),
    );
  });
});

describe("confirmChange", () => {
  test("the queue holds the new value: everybody is told, and the window is laid down", async () => {
    const fakes = await prepare();
    // 30 s until the last old deadline, rounded up to a minute, 180 minutes of window, 20 until its metrics are there.
    expect(await run(fakes)).toEqual({ next: "observe", observeSeconds: 60 + (180 + 20) * 60 });
    expect(await stored(fakes)).toMatchObject({
      status: "confirmed",
      confirmedMs: NOW_MS,
      observation: { startMs: NOW_MS + MINUTE_MS, endMs: NOW_MS + 181 * MINUTE_MS },
    });
    expect(fakes.outbox).toMatchObject([{ subject: "Doubletake: visibility timeout of orders is now 60 s" }]);
    expect(fakes.approvalOutbox).toEqual([]);
  });

  test("the old value is still shown: another try", async () => {
    const fakes = await prepare(APPLIED, 30);
    await expect(run(fakes)).rejects.toThrow(TransientError);
    expect(await stored(fakes)).toEqual(APPLIED);
    expect(fakes.outbox).toEqual([]);
  });

  test("any other value is somebody else's, and left", async () => {
    const fakes = await prepare(APPLIED, 45);
    expect(await run(fakes)).toEqual({ next: "stop", observeSeconds: 0 });
    expect(await stored(fakes)).toMatchObject({
      outcome: "overridden",
      outcomeReason: "somebody else set 45 s",
    });
    expect([fakes.writes, fakes.outbox]).toEqual([[], []]);
  });

  test.each([closedChange("failed"), approvedChange()])(
    "a change that is $status is not watched",
    async (one) => {
      const fakes = await prepare(one);
      expect(await run(fakes)).toEqual({ next: "stop", observeSeconds: 0 });
      expect(fakes.outbox).toEqual([]);
    },
  );

  test("a late repeat waits for the same end, and not at all where it is over", async () => {
    const fakes = await prepare();
    const { observeSeconds } = await run(fakes);
    fakes.nowMs += 3_600_500;
    expect(await run(fakes)).toEqual({ next: "observe", observeSeconds: observeSeconds - 3600 });
    fakes.nowMs += 1e9;
    expect(await run(fakes)).toEqual({ next: "observe", observeSeconds: 0 });
    expect(fakes.outbox).toHaveLength(1);
  });
});

test("what was confirmed once is not read back again: the effect is looked at by the states that follow", async () => {
  const fakes = await prepare();
  await run(fakes);
  fakes.setSeconds("orders", 30);
  expect(await run(fakes)).toMatchObject({ next: "observe" });
});

describe("I6: Confirm may run twice, and die between any two calls", () => {
  test("one window, and at most one mail", async () => {
    const deaths = await dyingAnywhere(prepare, run, async (fakes, where) => {
      expect([where, await stored(fakes)]).toMatchObject([
        where,
        { status: "confirmed", confirmedMs: NOW_MS },
      ]);
      expect([where, fakes.outbox.length <= 1]).toEqual([where, true]);
    });
    expect(deaths).toBeGreaterThan(8);
  });

  test("a mail that was certainly not sent is sent by a repeat, and the change is watched all the same", async () => {
    const fakes = await prepare();
    fakes.fail("notifier.publish", new TransientError("throttled"));
    expect(await run(fakes)).toMatchObject({ next: "observe" });
    expect(fakes.outbox).toEqual([]);
    await run(fakes);
    expect(fakes.outbox).toHaveLength(1);
  });

  // A mail that may have been sent must not end the watching: without it nothing is ever rolled back.
  test("a mail that may have been sent is not repeated, and the change is watched all the same", async () => {
    const fakes = await prepare();
    fakes.fail("notifier.publish", new OutcomeUnknownError("no answer"), { after: true });
    expect(await run(fakes)).toMatchObject({ next: "observe" });
  });
});
