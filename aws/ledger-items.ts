// Items of the ledger table: the few DynamoDB calls that the ledger is made of. Reads are consistent, conditional
// writes answer true or false, and every error is already one of ours.
import { setTimeout as wait } from "node:timers/promises";
import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { TransientError } from "../core/errors.ts";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import type { Connection } from "./connection.ts";
import { ownError } from "./errors.ts";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export type Item = Key & Readonly<Record<string, unknown>>;

export interface Expression {
  /** Placeholders to attribute names. */
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly condition: string;
}

const WRITES_A_BATCH = 25;
const BATCH_TRIES = 8;
const BATCH_BACKOFF_MS = 50;

const { partitionKey, sortKey, timeToLiveAttribute } = LEDGER_TABLE;

/** DynamoDB deletes expired items days later: until then readers leave them out. */
export function isExpired(item: Item, nowSeconds: number): boolean {
  const expiresAt = item[timeToLiveAttribute];
  return typeof expiresAt === "number" && expiresAt <= nowSeconds;
}

export type LedgerItems = ReturnType<typeof createLedgerItems>;

export function createLedgerItems(connection: Connection, tableName: string) {
  const client = DynamoDBDocumentClient.from(connection.client(DynamoDBClient));
  const table = { TableName: tableName };
  const failed = (operation: string) => (error: unknown) => {
    throw ownError(error, `ledger table ${tableName}`, `dynamodb:${operation}`);
  };

  /** The answer; undefined when the condition did not hold. */
  const answerIfHeld = <T>(operation: string, call: Promise<T>): Promise<T | undefined> =>
    call.catch((error: unknown) =>
      error instanceof ConditionalCheckFailedException ? undefined : failed(operation)(error),
    );

  /** False when the condition did not hold. */
  const ifHeld = async (operation: string, call: Promise<object>): Promise<boolean> =>
    (await answerIfHeld(operation, call)) !== undefined;

  async function get({ pk, sk }: Key): Promise<Item | undefined> {
    const command = new GetCommand({
      ...table,
      Key: { [partitionKey]: pk, [sortKey]: sk },
      ConsistentRead: true,
    });
    const { Item: item } = await client.send(command).catch(failed("GetItem"));
    return item as Item | undefined;
  }

  async function put(item: Item): Promise<void> {
    await client.send(new PutCommand({ ...table, Item: item })).catch(failed("PutItem"));
  }

  /** Writes the item unless there is one already. */
  function create(item: Item): Promise<boolean> {
    const command = new PutCommand({
      ...table,
      Item: item,
      ConditionExpression: "attribute_not_exists(#pk)",
      ExpressionAttributeNames: { "#pk": partitionKey },
    });
    return ifHeld("PutItem", client.send(command));
  }

  function updateInput({ pk, sk }: Key, change: string, { condition, names, values }: Expression) {
    return {
      ...table,
      Key: { [partitionKey]: pk, [sortKey]: sk },
      UpdateExpression: change,
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    };
  }

  function update(key: Key, change: string, expression: Expression): Promise<boolean> {
    return ifHeld("UpdateItem", client.send(new UpdateCommand(updateInput(key, change, expression))));
  }

  /** The number that an attribute has then; undefined when the condition did not hold. */
  async function updateNumber(
    key: Key,
    attribute: string,
    change: string,
    expression: Expression,
  ): Promise<number | undefined> {
    const command = new UpdateCommand({
      ...updateInput(key, change, expression),
      ReturnValues: "UPDATED_NEW",
    });
    const answer = await answerIfHeld("UpdateItem", client.send(command));
    return answer?.Attributes?.[attribute] as number | undefined;
  }

  function remove({ pk, sk }: Key, { condition, names, values }: Expression): Promise<boolean> {
    const command = new DeleteCommand({
      ...table,
      Key: { [partitionKey]: pk, [sortKey]: sk },
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    });
    return ifHeld("DeleteItem", client.send(command));
  }

  /** All items of a partition whose sort key begins with `prefix`, in order, page by page. */
  async function* query(pk: string, prefix: string, attributes?: readonly string[]): AsyncIterable<Item> {
    const wanted = Object.fromEntries((attributes ?? []).map((name, index) => [`#a${index}`, name]));
    let start: QueryCommandOutput["LastEvaluatedKey"];
    do {
      const page: QueryCommandOutput = await client
        .send(
          new QueryCommand({
            ...table,
            KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
            ExpressionAttributeNames: { "#pk": partitionKey, "#sk": sortKey, ...wanted },
            ExpressionAttributeValues: { ":pk": pk, ":prefix": prefix },
            ConsistentRead: true,
            ...(attributes !== undefined && { ProjectionExpression: Object.keys(wanted).join(", ") }),
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        )
        .catch(failed("Query"));
      yield* (page.Items ?? []) as Item[];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  /** Writes items of different keys, any number. */
  async function putAll(items: readonly Item[]): Promise<void> {
    for (let start = 0; start < items.length; start += WRITES_A_BATCH) {
      await putBatch(items.slice(start, start + WRITES_A_BATCH));
    }
  }

  async function putBatch(items: readonly Item[]): Promise<void> {
    let requests: Record<string, unknown>[] = items.map((item) => ({ PutRequest: { Item: item } }));
    for (let tries = 0; tries < BATCH_TRIES; tries += 1) {
      if (tries > 0) await wait(BATCH_BACKOFF_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2));
      const { UnprocessedItems: left } = await client
        .send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }))
        .catch(failed("BatchWriteItem"));
      requests = left?.[tableName] ?? [];
      if (requests.length === 0) return;
    }
    throw new TransientError(
      `ledger table ${tableName}: ${requests.length} items were not written, throttled`,
    );
  }

  return { get, put, create, update, updateNumber, remove, query, putAll };
}
