import { describe, expect, test } from "@jest/globals";
import type { Change } from "../../../core/model/change.ts";
import { findUndone } from "../../../core/scan/undone.ts";
import { change } from "../../support/changes.ts";
import {
  closedChange,
  createRemediationFakes,
  putScan,
  queuesLike,
  type RemediationFakes,
} from "../../support/remediation-fakes.ts";
import { deliveryPath, queueArn, SCAN } from "../../support/scan-fakes.ts";

/** The scan has seen both queues as they are now. */
async function scanned(seconds = 30) {
  const fakes = createRemediationFakes({ queues: queuesLike("orders", "other") });
  fakes.setSeconds("orders", seconds);
  await putScan(fakes, { orders: {}, other: {} });
  return fakes;
}

const find = async (fakes: RemediationFakes, changes: readonly Change[]) =>
  (await findUndone(fakes.ports.ledger, SCAN.scanId, changes)).map((one) => [
    one.change.id,
    one.currentSeconds,
  ]);

describe("findUndone", () => {
  test("what was raised and holds less again, with what it holds", async () => {
    expect(await find(await scanned(), [closedChange("better")])).toEqual([["change-orders", 30]]);
    expect(await find(await scanned(45), [closedChange("unchanged")])).toEqual([["change-orders", 45]]);
  });

  test.each([
    ["still as it was set", 60, closedChange("better")],
    ["raised further", 90, closedChange("better")],
    ["never applied", 30, change({ status: "closed", outcome: "rejected" })],
    ["rolled back by us", 30, closedChange("worse", { verdict: "worse", rollBack: { atMs: 1 } })],
    [
      "of a queue that this scan did not see",
      30,
      closedChange("better", { queueArn: queueArn("elsewhere") }),
    ],
  ])("not what is %s", async (_, seconds, one) => {
    expect(await find(await scanned(seconds), [one])).toEqual([]);
  });

  test("I8: not where the queue could not be read", async () => {
    const fakes = await scanned();
    const { settings: _, ...unread } = deliveryPath("orders");
    await fakes.ports.ledger.putDocument(SCAN.scanId, "batch/0001", [unread]);
    expect(await find(fakes, [closedChange("better")])).toEqual([]);
  });

  test("told once: by this scan again, where the step is repeated (I6), by no other", async () => {
    const told = (undoneToldScanId: string) => closedChange("better", { undoneToldScanId });
    expect(await find(await scanned(), [told(SCAN.scanId)])).toHaveLength(1);
    expect(await find(await scanned(), [told("earlier")])).toEqual([]);
  });

  test("each queue by its own history", async () => {
    const other = closedChange("better", { id: "other", queueName: "other" });
    const changes = [closedChange("better"), other];
    expect(await find(await scanned(60), changes)).toEqual([["other", 30]]);
  });
});
