import type { Advice } from "../../model/finding.ts";
import { lines } from "./context.ts";

/**
 * Idempotency at the effect. The mark and the effect commit in one transaction: a mark written first would
 * lose the work when the function fails after it, one written last would not keep a copy out.
 *
 * @param key what names the work: the message id, or the producer's own id where that sends twice.
 */
export const conditionalWrite = (key: IdempotencyKey): Advice => ({
  kind: "conditional-write",
  summary: `Make the effect happen once, whatever is delivered: write it together with ${KEY_NAMES[key]}, on condition that the id is new. (For effects outside DynamoDB: the idempotency utility of Powertools for AWS Lambda, or the id as idempotency key of the service that you call.)`,
  patch: {
    typescript: lines(
      "import {",
      "  DynamoDBClient,",
      "  TransactionCanceledException,",
      "  type TransactWriteItem,",
      "  TransactWriteItemsCommand,",
      '} from "@aws-sdk/client-dynamodb";',
      "",
      "const db = new DynamoDBClient();",
      "",
      "/** Carries out the effect unless this id was seen before. */",
      "export async function once(id: string, effect: TransactWriteItem): Promise<void> {",
      "  const seen = { TableName: process.env.SEEN_TABLE, Item: { id: { S: id } } };",
      "  try {",
      "    await db.send(",
      "      new TransactWriteItemsCommand({",
      '        TransactItems: [{ Put: { ...seen, ConditionExpression: "attribute_not_exists(id)" } }, effect],',
      "      }),",
      "    );",
      "  } catch (error) {",
      "    if (!(error instanceof TransactionCanceledException)) throw error;",
      '    if (error.CancellationReasons?.[0]?.Code !== "ConditionalCheckFailed") throw error;',
      "  }",
      "}",
      "",
      `await once(${KEY_EXPRESSIONS[key]}, { Update: chargeOf(record) });`,
    ),
  },
});

export type IdempotencyKey = "message" | "business";

const KEY_NAMES: Record<IdempotencyKey, string> = {
  message: "the message id",
  business: "the producer's own id (the message ids differ)",
};

const KEY_EXPRESSIONS: Record<IdempotencyKey, string> = {
  message: "record.messageId",
  business: "JSON.parse(record.body).orderId",
};
