import { describe, expect, test } from "@jest/globals";
import { AccountUnreadableError } from "../../../core/errors.ts";
import type { ScanSettings } from "../../../core/model/settings.ts";
import { discover } from "../../../core/scan/discover.ts";
import { Discovery, documentKey, requireDocument } from "../../../core/scan/documents.ts";
import { createFakePorts, mapping, SCAN, SETTINGS } from "../../support/scan-fakes.ts";

const daily: ScanSettings = { ...SETTINGS, calmPaths: "daily" };

/** Whether each of these scans, one after the other over one ledger, reads everything. */
async function inFull(scanIds: readonly string[], settings = daily): Promise<(boolean | undefined)[]> {
  const ports = createFakePorts({});
  const answers: (boolean | undefined)[] = [];
  for (const scanId of scanIds) {
    await discover(ports, settings, { ...SCAN, scanId });
    const discovery = await requireDocument(ports.ledger, scanId, documentKey.discovery, Discovery);
    answers.push(discovery.inFull);
  }
  return answers;
}

describe("the first scan of a deployment", () => {
  test("reads every path in full, and the later ones do as the settings say", async () => {
    expect(await inFull(["one", "two", "three"])).toEqual([true, undefined, undefined]);
  });

  test("I6: is the first one in its repeats, too", async () => {
    expect(await inFull(["one", "one", "two", "one"])).toEqual([true, true, undefined, true]);
  });

  test("is not one that ended before it found the paths", async () => {
    const { ledger, ...account } = createFakePorts({});
    const { mappings, queues } = createFakePorts({
      mappings: [mapping("orders", "orders-worker")],
      queues: { orders: new AccountUnreadableError("the credentials have expired") },
    });
    const ending = discover({ ...account, ledger, mappings, queues }, daily, SCAN);
    await expect(ending).rejects.toThrow("the credentials have expired");
    await discover({ ...account, ledger }, daily, { ...SCAN, scanId: "next" });
    expect(await ledger.getDocument("next", documentKey.discovery)).toMatchObject({ inFull: true });
  });

  test("needs no note where every scan reads everything", async () => {
    expect(await inFull(["one", "two"], { ...daily, calmPaths: "every-scan" })).toEqual([
      undefined,
      undefined,
    ]);
  });
});
