import type { Advice } from "../../model/finding.ts";
import { lines } from "./context.ts";
import { type IdempotencyKey, KEY_WORDS } from "./idempotency-key.ts";

/**
 * Idempotency at the effect. The mark and the effect commit in one transaction: a mark written first would
 * lose the work when the function fails after it, one written last would not keep a copy out.
 */
export const conditionalWrite = (key: IdempotencyKey): Advice => ({
  kind: "conditional-write",
  summary: `Make the effect happen once, whatever is delivered: write it together with ${KEY_WORDS[key].name}, on condition that the id is new.`,
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
      `await once(${KEY_WORDS[key].typescript}, { Update: chargeOf(record) });`,
    ),
    python: lines(
      ...(key === "business" ? ["import json"] : []),
      "import os",
      "",
      "import boto3",
      "",
      'db = boto3.client("dynamodb")',
      "",
      "",
      "def once(id, effect):",
      '    """Carries out the effect unless this id was seen before."""',
      '    seen = {"TableName": os.environ["SEEN_TABLE"], "Item": {"id": {"S": id}}}',
      '    put = {"Put": {**seen, "ConditionExpression": "attribute_not_exists(id)"}}',
      "    try:",
      "        db.transact_write_items(TransactItems=[put, effect])",
      "    except db.exceptions.TransactionCanceledException as error:",
      '        if error.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":',
      "            raise",
      "",
      "",
      `once(${KEY_WORDS[key].python}, {"Update": charge_of(record)})`,
    ),
  },
});
