import { describe, expect, test } from "@jest/globals";
import { ContractError, TransientError, UnreadableError } from "../../../core/errors.ts";
import type { Change } from "../../../core/model/change.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { measureEffect } from "../../../core/remediate/measure-effect.ts";
import { EFFECT_BATCH, effectScanId, prepareEffect } from "../../../core/remediate/prepare-effect.ts";
import { Discovery } from "../../../core/scan/documents.ts";
import { effectFigures } from "../../support/changes.ts";
import { measurement } from "../../support/measurements.ts";
import {
  approvedChange,
  closedChange,
  confirmedChange,
  createRemediationFakes,
  dyingAnywhere,
  NOW_MS,
  putChange,
  putScan,
  type RemediationFakes,
  remediationSettings,
} from "../../support/remediation-fakes.ts";
import { ACCOUNT, functionArn, queueArn, REGION } from "../../support/scan-fakes.ts";

const ID = "change-orders";
const SCAN_ID = effectScanId(ID);
/** Counted from metrics, so that no logs are needed. */
const CONFIRMED = confirmedChange({
  before: effectFigures({ basis: "metrics", messages: 100, duplicates: 12 }),
});
const OBSERVATION = { startMs: NOW_MS + 60_000, endMs: NOW_MS + 181 * 60_000 };

async function prepare(one: Change = CONFIRMED, seconds = 60) {
  const fakes = createRemediationFakes();
  await putScan(fakes, { orders: { path: { deadLetterQueueOf: [queueArn("source")] } } });
  fakes.setSeconds("orders", seconds);
  await putChange(fakes, one);
  return fakes;
}

const lay = (fakes: RemediationFakes) => prepareEffect(fakes.ports, remediationSettings(), { changeId: ID });
const measure = (fakes: RemediationFakes) => measureEffect(fakes.ports, { changeId: ID });
const stored = (fakes: RemediationFakes) => fakes.ports.changes.get(ID);
const output = { scanId: SCAN_ID, window: OBSERVATION, batchKey: EFFECT_BATCH };

describe("prepareEffect", () => {
  test("lays the observation window out as a scan of this one path", async () => {
    const fakes = await prepare();
    expect(await lay(fakes)).toEqual({ next: "measure", ...output });
    const [path] = (await fakes.ports.ledger.getDocument(SCAN_ID, "batch/0001")) as DeliveryPath[];
    expect(path).toMatchObject({
      queueArn: queueArn("orders"),
      settings: { visibilityTimeoutSeconds: 60 },
      // Only a whole scan sees which queues have this one as their dead-letter queue.
      deadLetterQueueOf: [queueArn("source")],
      consumers: [{ function: { arn: functionArn("orders-worker") } }],
    });
    expect(Discovery.parse(await fakes.ports.ledger.getDocument(SCAN_ID, "discovery"))).toEqual({
      account: ACCOUNT,
      region: REGION,
      batches: [EFFECT_BATCH],
      paths: 1,
      excludedQueues: 0,
      inFull: true,
      sharedFunctions: [functionArn("shared")],
      unreadable: [],
    });
  });

  test("what the scan noted may have expired by then", async () => {
    const fakes = await prepare({ ...CONFIRMED, scanId: "long-ago" });
    expect(await lay(fakes)).toMatchObject({ next: "measure" });
    const [path] = (await fakes.ports.ledger.getDocument(SCAN_ID, "batch/0001")) as DeliveryPath[];
    expect(path).not.toHaveProperty("deadLetterQueueOf");
    expect(await fakes.ports.ledger.getDocument(SCAN_ID, "discovery")).toMatchObject({ sharedFunctions: [] });
  });

  test.each([
    ["somebody set another value", 90, 1, "somebody else set 90 s"],
    ["somebody set the old one", 30, 1, "somebody else set 30 s"],
    ["nothing reads it any more", 60, 0, "no event source mapping reads the queue any more"],
  ])("%s: nothing is measured, and nothing rolled back", async (_, seconds, mappings, outcomeReason) => {
    const fakes = await prepare(CONFIRMED, seconds);
    fakes.mappings.splice(mappings);
    expect(await lay(fakes)).toEqual({ next: "stop", ...output });
    expect(await stored(fakes)).toMatchObject({ status: "closed", outcome: "overridden", outcomeReason });
    expect(fakes.writes).toEqual([]);
  });

  test("closed already: stop", async () => {
    expect(await lay(await prepare(closedChange("failed")))).toEqual({ next: "stop", ...output });
  });

  test("I8: unreadable is tried again", async () => {
    const fakes = await prepare();
    fakes.queues.set(queueArn("orders"), new UnreadableError("orders", "denied"));
    await expect(lay(fakes)).rejects.toThrow(TransientError);
    expect(await stored(fakes)).toMatchObject({ status: "confirmed" });
  });

  test("a change that was never confirmed has no window: a bug", async () => {
    await expect(lay(await prepare(approvedChange()))).rejects.toThrow(ContractError);
  });

  test("I6: dying at any call and running again lays out the same", async () => {
    const deaths = await dyingAnywhere(prepare, lay, async (fakes, where) => {
      expect([where, await lay(fakes)]).toEqual([where, { next: "measure", ...output }]);
    });
    expect(deaths).toBeGreaterThan(10);
  });
});

describe("measureEffect", () => {
  /** The detector's states have measured the window. */
  async function measured(more: Parameters<typeof measurement>[1] = {}, one: Change = CONFIRMED) {
    const fakes = await prepare(one);
    await putScan(fakes, { orders: {} }, SCAN_ID);
    await fakes.ports.ledger.putDocument(SCAN_ID, "measurement/0001", [
      measurement("orders", { window: OBSERVATION, ...more }),
    ]);
    return fakes;
  }

  test("the duplicates went away: better, with the figures", async () => {
    const fakes = await measured();
    expect(await measure(fakes)).toEqual({ next: "close" });
    expect(await stored(fakes)).toMatchObject({
      verdict: "better",
      verdictReasons: ["0 duplicates among 100 messages, where about 12 were expected before the change"],
      after: { window: OBSERVATION, basis: "metrics", messages: 100, duplicates: 0 },
    });
  });

  test("a bound was passed: roll back", async () => {
    const fakes = await measured({ totals: { oldestMessageAgeSeconds: 900 } });
    expect(await measure(fakes)).toEqual({ next: "roll-back" });
    expect(await stored(fakes)).toMatchObject({ status: "confirmed", verdict: "worse" });
    // A repeat says the same, whatever is measured by then.
    await fakes.ports.ledger.putDocument(SCAN_ID, "measurement/0001", [measurement("orders")]);
    expect(await measure(fakes)).toEqual({ next: "roll-back" });
  });

  test("what was counted from the logs is not compared with what the metrics say", async () => {
    const fakes = await measured({}, confirmedChange());
    expect(await measure(fakes)).toEqual({ next: "close" });
    expect(await stored(fakes)).toMatchObject({ verdict: "not-enough-traffic" });
  });

  test("a window that was not measured tells nothing, and rolls nothing back", async () => {
    const fakes = await prepare();
    expect(await measure(fakes)).toEqual({ next: "close" });
    expect(await stored(fakes)).toMatchObject({
      verdict: "not-enough-traffic",
      verdictReasons: ["the observation window could not be measured"],
    });
  });

  test.each([closedChange("failed"), approvedChange({ status: "applied" })])(
    "a change that is $status gets no verdict",
    async (one) => {
      const fakes = await measured({ totals: { oldestMessageAgeSeconds: 900 } }, one);
      expect(await measure(fakes)).toEqual({ next: "close" });
      expect(await stored(fakes)).not.toHaveProperty("verdict");
    },
  );
});
