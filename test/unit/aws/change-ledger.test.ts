import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createChangeLedger } from "../../../aws/change-ledger.ts";
import type { Connection } from "../../../aws/connection.ts";
import { describeChangeLedger } from "../../support/change-ledger-contract.ts";
import { approvalLink, auditRow, change } from "../../support/changes.ts";
import { type DynaliteTable, startDynaliteTable } from "../../support/dynalite-table.ts";

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;

let dynalite: DynaliteTable;
beforeAll(async () => {
  dynalite = await startDynaliteTable();
});
afterAll(() => dynalite.close());

const newLedger = (nowMs?: () => number, connection: Connection = dynalite.connection) =>
  createChangeLedger(connection, {
    tableName: dynalite.tableName,
    ...(nowMs !== undefined && { nowMs }),
  });

describeChangeLedger("the changes in DynamoDB", newLedger);

describe("the items of changes", () => {
  async function itemsIn(partition: string): Promise<Record<string, unknown>[]> {
    const table = DynamoDBDocumentClient.from(dynalite.connection.client(DynamoDBClient));
    const { Items: items = [] } = await table.send(new ScanCommand({ TableName: dynalite.tableName }));
    return items.filter(({ pk }) => pk === partition);
  }
  const recordOf = async (id: string) => (await itemsIn("changes")).find(({ sk }) => sk === `change#${id}`);

  test("open changes never expire, closed ones after 400 days, deleted or not", async () => {
    let nowMs = 5 * DAY_MS;
    const ledger = newLedger(() => nowMs);
    const open = change({ queueName: "open", status: "applied" });
    const ended = change({ queueName: "ended" });
    await ledger.open(open);
    await ledger.save(open);
    await ledger.open(ended);
    expect(await recordOf(ended.id)).not.toHaveProperty("expiresAt");
    await ledger.save({ ...ended, status: "closed" });
    expect(await recordOf(open.id)).not.toHaveProperty("expiresAt");
    expect(await recordOf(ended.id)).toMatchObject({
      expiresAt: 405 * DAY_SECONDS,
      version: 2,
      status: "closed",
    });

    const ids = async () => (await ledger.list()).map(({ id }) => id);
    nowMs += 399 * DAY_MS;
    expect(await ids()).toEqual(expect.arrayContaining([open.id, ended.id]));
    expect(await ledger.get(ended.id)).toBeDefined();
    nowMs += 2 * DAY_MS;
    expect(await ids()).toContain(open.id);
    expect(await ids()).not.toContain(ended.id);
    expect(await ledger.get(ended.id)).toBeUndefined();
  });

  test("tokens, links and audit rows expire after 400 days, rows of unknown links after 30", async () => {
    let nowMs = 5 * DAY_MS;
    const ledger = newLedger(() => nowMs);
    const link = approvalLink({ idHash: "expiring" });
    await ledger.addTaskToken("expiring", "token");
    await ledger.putLink(link);
    await ledger.audit(auditRow({ changeId: "expiring" }));
    await ledger.audit({ atMs: 1, method: "GET", result: "expiring" });

    nowMs += 31 * DAY_MS;
    expect(await ledger.listTaskTokens("expiring")).toEqual(["token"]);
    expect(await ledger.getLink("expiring")).toStrictEqual(link);
    expect(await ledger.listAudit("expiring")).toHaveLength(1);
    const unknown = (await ledger.listAudit("unknown")).map(({ result }) => result);
    expect(unknown).not.toContain("expiring");
    nowMs += 370 * DAY_MS;
    expect(await ledger.listTaskTokens("expiring")).toEqual([]);
    expect(await ledger.getLink("expiring")).toBeUndefined();
    expect(await ledger.listAudit("expiring")).toStrictEqual([]);
  });

  test("a closed change that has expired, but is not deleted yet, is not opened again", async () => {
    let nowMs = 0;
    const ledger = newLedger(() => nowMs);
    const one = change({ queueName: "long-ago" });
    await ledger.open(one);
    await ledger.save({ ...one, status: "closed" });
    nowMs = 500 * DAY_MS;
    expect(await ledger.open(one)).toBeUndefined();
  });

  test("a table that is not there is a wrong set-up", async () => {
    const ledger = createChangeLedger(dynalite.connection, { tableName: "nowhere" });
    for (const call of [
      () => ledger.open(change()),
      () => ledger.get("c"),
      () => ledger.save(change()),
      () => ledger.release(change()),
      () => ledger.list(),
      () => ledger.addTaskToken("c", "t"),
      () => ledger.listTaskTokens("c"),
      () => ledger.putLink(approvalLink()),
      () => ledger.getLink("l"),
      () => ledger.countTry("l", 1),
      () => ledger.audit(auditRow()),
      () => ledger.listAudit("c"),
      () => ledger.isPaused(),
      () => ledger.setPaused(true),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: "ConfigError" });
    }
  });
});

describe("I6: writes whose answers are lost, so that the SDK repeats them", () => {
  /** A connection that carries out every write, and loses the answer to its first try. */
  function losingAnswers(): { connection: Connection; lost: () => number } {
    let lost = 0;
    const connection: Connection = {
      calls: dynalite.connection.calls,
      client: (clientClass, more) => {
        const client = dynalite.connection.client(clientClass, more);
        const stack = client.middlewareStack as unknown as DynamoDBClient["middlewareStack"];
        stack.add(
          (next, { commandName }) => {
            let tries = 0;
            return async (args) => {
              const answer = await next(args);
              tries += 1;
              if (tries > 1 || /^(GetItem|Query)Command$/.test(commandName ?? "")) return answer;
              lost += 1;
              throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
            };
          },
          // Inside the retry middleware: it runs once an attempt.
          { name: "loseAnswer", step: "finalizeRequest", priority: "low" },
        );
        return client;
      },
    };
    return { connection, lost: () => lost };
  }

  test("a change that was saved is known to be", async () => {
    const { connection, lost } = losingAnswers();
    const ledger = newLedger(undefined, connection);
    const one = change({ queueName: "lost-answers" });
    expect(await ledger.open(one)).toStrictEqual(one);
    expect(lost()).toBe(2);
    expect(await ledger.save({ ...one, status: "waiting" })).toBe(true);
    expect(await ledger.save({ ...one, status: "approved" })).toBe(false);
    expect(await ledger.get(one.id)).toStrictEqual({ ...one, status: "waiting", version: 2 });
    expect(await ledger.save({ ...one, version: 2, status: "closed" })).toBe(true);
    await ledger.release(one);
    const next = { ...one, id: `${one.id}-2` };
    expect(await ledger.open(next)).toStrictEqual(next);
    expect(await ledger.open(one)).toBeUndefined();
  });

  test("one row of the audit is one row, and a try of a code is never one too few", async () => {
    const { connection } = losingAnswers();
    const ledger = newLedger(undefined, connection);
    await ledger.audit(auditRow({ changeId: "lost-rows" }));
    expect(await ledger.listAudit("lost-rows")).toHaveLength(1);
    const link = approvalLink({ idHash: "lost-tries" });
    await ledger.putLink(link);
    expect(await ledger.countTry("lost-tries", 5)).toBe(true);
    const { tries = 0 } = (await ledger.getLink("lost-tries")) ?? {};
    expect(tries).toBeGreaterThanOrEqual(1);
  });
});
