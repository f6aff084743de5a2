import { describe, expect, test } from "@jest/globals";
import { ScanAlreadyClaimedError } from "../../../core/errors.ts";
import { claimScan, scanIdOf, windowOf } from "../../../core/scan/claim-scan.ts";
import { createFakePorts, SETTINGS } from "../../support/scan-fakes.ts";

const at = (iso: string) => Date.parse(iso);

describe("scanIdOf", () => {
  test.each([
    ["2026-11-23T18:00:00Z", "20261123T180000Z"],
    ["2026-11-23T18:00:00.123Z", "20261123T180000Z"],
    ["2026-11-23T19:30:00+01:30", "20261123T180000Z"],
  ])("%s is %s", (scheduledTime, scanId) => {
    expect(scanIdOf(scheduledTime)).toBe(scanId);
  });

  test("is a legal execution name", () => {
    expect(scanIdOf("2026-11-23T18:00:00Z")).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
  });
});

describe("windowOf", () => {
  test.each([
    { time: "2026-11-23T18:00:00Z", settle: 20, back: 180, start: "14:40:00", end: "17:40:00" },
    { time: "2026-11-23T18:00:59.999Z", settle: 0, back: 60, start: "17:01:00", end: "18:01:00" },
  ])("$time less $settle minutes, $back back", ({ time, settle, back, start, end }) => {
    expect(windowOf(time, { settleMinutes: settle, lookbackMinutes: back })).toEqual({
      startMs: at(`2026-11-23T${start}Z`),
      endMs: at(`2026-11-23T${end}Z`),
    });
  });
});

describe("claimScan", () => {
  const input = { scheduledTime: "2026-11-23T18:00:00Z", executionId: "execution-1" };

  test("names the scan and its window", async () => {
    const claimed = await claimScan(createFakePorts(), SETTINGS, input);
    expect(claimed).toEqual({
      scanId: "20261123T180000Z",
      window: { startMs: at("2026-11-23T14:40:00Z"), endMs: at("2026-11-23T17:40:00Z") },
    });
  });

  test("may be repeated by the same execution, and keeps the first start (I6)", async () => {
    const ports = createFakePorts();
    const first = await claimScan(ports, SETTINGS, input);
    const again = await claimScan({ ...ports, nowMs: () => ports.nowMs() + 60_000 }, SETTINGS, input);
    expect(again).toEqual(first);
    expect(await ports.ledger.getDocument(first.scanId, "claim")).toEqual({ startedAtMs: ports.nowMs() });
  });

  test("is refused to another execution", async () => {
    const ports = createFakePorts();
    await claimScan(ports, SETTINGS, input);
    const other = claimScan(ports, SETTINGS, { ...input, executionId: "execution-2" });
    await expect(other).rejects.toThrow(ScanAlreadyClaimedError);
  });
});
