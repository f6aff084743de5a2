import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect } from "../../../aws/connection.ts";
import { createLedger } from "../../../aws/ledger.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";
import { describeLedger, findingState, noise } from "../../support/ledger-contract.ts";

const DAY_MS = 86_400_000;

let dynalite: DynaliteTable;
beforeAll(async () => {
  dynalite = await startDynaliteTable();
});
afterAll(() => dynalite.close());

const newLedger = (nowMs?: () => number) =>
  createLedger(dynalite.connection, {
    tableName: dynalite.tableName,
    retentionDays: 30,
    ...(nowMs !== undefined && { nowMs }),
  });

describeLedger("the ledger in DynamoDB", newLedger);

describe("the ledger's table", () => {
  const table = () => DynamoDBDocumentClient.from(dynalite.connection.client(DynamoDBClient));

  const itemsOf = (scanId: string) => itemsIn(`scan#${scanId}`);

  async function itemsIn(partition: string): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await table().send(
        new ScanCommand({ TableName: dynalite.tableName, ...(start && { ExclusiveStartKey: start }) }),
      );
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items.filter(({ pk }) => pk === partition);
  }

  test("every item of a scan expires after the retention", async () => {
    const ledger = newLedger(() => 5 * DAY_MS);
    await ledger.claimScan({
      scanId: "expiry",
      owner: "o",
      window: { startMs: 0, endMs: 1 },
      startedAtMs: 1,
    });
    await ledger.putDocument("expiry", "small", 1);
    await ledger.putDocument("expiry", "large", noise(1_000_000));
    await ledger.reserve("expiry", "h", 1, 2);
    await ledger.claimNotification("expiry");
    const items = await itemsOf("expiry");
    expect(items.length).toBeGreaterThan(5);
    expect(new Set(items.map(({ expiresAt }) => expiresAt))).toStrictEqual(new Set([35 * 86_400]));
  });

  test("a repeated write of a large document leaves the same items (I6)", async () => {
    const ledger = newLedger(() => 0);
    await ledger.putDocument("repeat", "large", noise(1_000_000));
    const once = await itemsOf("repeat");
    await ledger.putDocument("repeat", "large", noise(1_000_000));
    expect(await itemsOf("repeat")).toStrictEqual(once);
  });

  test("a large document that was half written does not show: the one before stays whole", async () => {
    const ledger = newLedger();
    await ledger.putDocument("half", "key", noise(1_000_000, 3));
    const [part] = (await itemsOf("half")).filter(({ sk }) => String(sk).startsWith("part#"));
    await table().send(
      new PutCommand({ TableName: dynalite.tableName, Item: { ...part, sk: "part#another#000000" } }),
    );
    expect(await ledger.getDocument("half", "key")).toBe(noise(1_000_000, 3));
  });

  test("a document with a part missing is an error, never a shorter document", async () => {
    const ledger = newLedger();
    await ledger.putDocument("torn", "key", noise(1_000_000, 4));
    const parts = (await itemsOf("torn")).filter(({ sk }) => String(sk).startsWith("part#"));
    const header = (await itemsOf("torn")).find(({ sk }) => sk === "document#key");
    await table().send(
      new PutCommand({
        TableName: dynalite.tableName,
        Item: { ...header, parts: parts.length + 1 },
      }),
    );
    await expect(ledger.getDocument("torn", "key")).rejects.toMatchObject({
      name: "ContractError",
      message: `expected ${parts.length + 1} parts of ledger item document#key, got ${parts.length}`,
    });
  });

  test("a resolved finding is gone after the retention, deleted or not; an open one stays", async () => {
    let nowMs = 100 * DAY_MS;
    const ledger = newLedger(() => nowMs);
    await ledger.putFindingStates([
      { ...findingState("resolved"), status: "resolved" },
      findingState("still-open"),
    ]);
    const ids = async () => (await ledger.listFindingStates()).map(({ id }) => id);
    nowMs += 29 * DAY_MS;
    expect(await ids()).toEqual(expect.arrayContaining(["resolved", "still-open"]));
    nowMs += 2 * DAY_MS;
    expect(await ids()).not.toContain("resolved");
    expect(await ids()).toContain("still-open");
  });

  test("the longest baseline is one small item, and expires only when no scan has written it for 90 days", async () => {
    const hours = Array.from({ length: 63 * 24 }, (_, index): [number, number, number] => [
      500_000 + index,
      100_000 + ((index * 7919) % 90_000),
      100_000 + ((index * 104_729) % 90_000),
    ]);
    await newLedger(() => 5 * DAY_MS).putBaseline("arn:long", { setUp: "s", fromMs: 0, untilMs: 1, hours });
    const [item, ...others] = await itemsIn("baseline#arn:long");
    expect(others).toEqual([]);
    expect(item?.["expiresAt"]).toBe(95 * 86_400);
    const bytes = item?.["bytes"] as Uint8Array | undefined;
    expect(bytes?.length).toBeLessThan(20 * 1024);
  });

  test("a table that is not there is a wrong set-up", async () => {
    const ledger = createLedger(dynalite.connection, { tableName: "nowhere" });
    await expect(ledger.getDocument("s", "key")).rejects.toMatchObject({
      name: "ConfigError",
      message: "ledger table nowhere: it does not exist, or dynamodb:GetItem may not see it",
    });
  });

  test("calls are counted under DynamoDB's own names", async () => {
    const connection = connect({
      endpointUrl: dynalite.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const ledger = createLedger(connection, { tableName: dynalite.tableName });
    await ledger.putDocument("counted", "key", 1);
    await ledger.getDocument("counted", "key");
    await ledger.listDocumentKeys("counted", "");
    expect(connection.calls.take()).toStrictEqual({
      "dynamodb:PutItem": 1,
      "dynamodb:GetItem": 1,
      "dynamodb:Query": 1,
    });
  });
});
