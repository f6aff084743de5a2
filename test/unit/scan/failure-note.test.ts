import { describe, expect, test } from "@jest/globals";
import { TransientError } from "../../../core/errors.ts";
import { notingFailure } from "../../../core/scan/failure-note.ts";
import { createFakePorts, SCAN } from "../../support/scan-fakes.ts";

const batch = { ...SCAN, batchKey: "0001" };

async function failWith(error: unknown) {
  const ports = createFakePorts();
  await expect(notingFailure(ports, batch, () => Promise.reject(error))).rejects.toBe(error);
  return ports.ledger.getDocument(SCAN.scanId, "failure/0001");
}

describe("notingFailure", () => {
  test("leaves our own errors' sentence, and fails all the same", async () => {
    expect(await failWith(new TransientError("throttled: try again later"))).toEqual({
      reason: "throttled: try again later",
    });
  });

  test.each([
    { error: new RangeError("body of a message"), reason: "unexpected failure: RangeError" },
    { error: "text", reason: "unexpected failure: string" },
  ])("of $reason only the kind, since its text may hold anything (I7)", async ({ error, reason }) => {
    expect(await failWith(error)).toEqual({ reason });
  });

  test("a success passes through, and notes nothing", async () => {
    const ports = createFakePorts();
    expect(await notingFailure(ports, batch, async () => 7)).toBe(7);
    expect(await ports.ledger.getDocument(SCAN.scanId, "failure/0001")).toBeUndefined();
  });

  test("a note that cannot be written hides no error", async () => {
    const ports = createFakePorts();
    const ledger = { ...ports.ledger, putDocument: () => Promise.reject(new Error("ledger")) };
    const error = new TransientError("first");
    await expect(notingFailure({ ledger }, batch, () => Promise.reject(error))).rejects.toBe(error);
  });
});
