// What tests do to a whole ledger table, behind the back of whoever uses it.
import { createHash } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/lib-dynamodb";
import type { Connection } from "../../aws/connection.ts";
import { createLedgerItems } from "../../aws/ledger-items.ts";

const DOCUMENT = "document#";
/** Holds one number: it never needs a second item. */
const CLAIM = `${DOCUMENT}claim`;

export function createLedgerContents(connection: Connection, tableName: string) {
  const client = DynamoDBDocumentClient.from(connection.client(DynamoDBClient));
  const items = createLedgerItems(connection, tableName);

  async function find(filter: Pick<ScanCommandInput, "FilterExpression" | "ExpressionAttributeValues"> = {}) {
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: tableName, ConsistentRead: true, ...filter }),
    );
    return Items;
  }

  return {
    /** Each document as if it were too large for one item, which takes other calls to read. */
    splitDocuments: async (): Promise<void> => {
      const whole = await find({
        FilterExpression: "begins_with(sk, :document) AND sk <> :claim AND attribute_exists(bytes)",
        ExpressionAttributeValues: { ":document": DOCUMENT, ":claim": CLAIM },
      });
      for (const { pk, sk, bytes } of whole) {
        const content = createHash("sha256").update(bytes).digest("hex");
        await items.put({ pk, sk: `part#${content}#000000`, bytes });
        // Unless it was written again in between.
        await items.update({ pk, sk }, "SET #content = :content, #parts = :parts REMOVE #bytes", {
          condition: "#bytes = :bytes",
          names: { "#content": "content", "#parts": "parts", "#bytes": "bytes" },
          values: { ":content": content, ":parts": 1, ":bytes": bytes },
        });
      }
    },

    forgetAll: async (): Promise<void> => {
      for (const { pk, sk } of await find()) {
        await client.send(new DeleteCommand({ TableName: tableName, Key: { pk, sk } }));
      }
    },
  };
}
