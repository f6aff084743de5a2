// Turns that several functions share, over the real wire of an in-memory DynamoDB and a clock of the test's own.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Connection, connect } from "../../../aws/connection.ts";
import { createSharedTurns } from "../../../aws/shared-turns.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";

const START = "logs:StartQuery";
const ASK = "logs:GetQueryResults";
const SLOT_MS = 1000 / 9;
const BEGIN_MS = 1_700_000_000_000;

let dynalite: DynaliteTable;
beforeAll(async () => {
  dynalite = await startDynaliteTable();
});
afterAll(() => dynalite.close());

/** The clock goes on to the end of each wait; each call notes when it may leave. */
function environment(connection: Connection, nowMs: () => number, leaves: number[]) {
  return createSharedTurns(connection, {
    tableName: dynalite.tableName,
    nowMs,
    wait: async (milliseconds) => void leaves.push(nowMs() + milliseconds),
  });
}

const gaps = (times: readonly number[]): number[] =>
  times
    .toSorted((a, b) => a - b)
    .flatMap((time, index, all) => (index === 0 ? [] : [time - (all[index - 1] ?? 0)]));

describe("shared turns", () => {
  test("twelve environments that ask at once leave one after the other, at the rate of all together", async () => {
    const leaves: number[] = [];
    const turns = Array.from({ length: 12 }, () =>
      environment(dynalite.connection, () => BEGIN_MS + 1, leaves),
    );
    await Promise.all(turns.flatMap((turn) => [turn(ASK), turn(ASK), turn(ASK)]));
    expect(leaves).toHaveLength(36);
    for (const gap of gaps(leaves)) expect(gap).toBeCloseTo(SLOT_MS, 3);
    expect(Math.min(...leaves)).toBeLessThan(BEGIN_MS + 1 + SLOT_MS);
  });

  test("whoever asks after a pause need not wait for slots that went by", async () => {
    const leaves: number[] = [];
    const later = BEGIN_MS + 60_001;
    await environment(dynalite.connection, () => later, leaves)(ASK);
    expect(leaves).toHaveLength(1);
    expect(leaves[0]).toBeLessThanOrEqual(later + SLOT_MS);
  });

  test("each call has a row of its own, and others go by the share of their function", async () => {
    const leaves: number[] = [];
    const turn = environment(dynalite.connection, () => BEGIN_MS + 120_001, leaves);
    await Promise.all([turn(START), turn(ASK), turn("sqs:GetQueueAttributes")]);
    expect(leaves).toHaveLength(2);
    expect(leaves[0]).toBeCloseTo(leaves[1] ?? 0, 3);
  });

  test("where the ledger does not answer, the call leaves by a fixed share and nothing is lost", async () => {
    const leaves: number[] = [];
    const nowhere = connect({
      endpointUrl: "http://127.0.0.1:9",
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    await environment(nowhere, () => BEGIN_MS, leaves)(ASK);
    expect(leaves).toEqual([]);
  });
});
