// How to create the ledger table outside CloudFormation: for the demo's and the tests' emulated DynamoDB.
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";

/** Input of CreateTable; the stack in infra/ builds the same table from the same keys. */
export function createLedgerTableInput(tableName: string): CreateTableCommandInput {
  return {
    TableName: tableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: LEDGER_TABLE.partitionKey, AttributeType: "S" },
      { AttributeName: LEDGER_TABLE.sortKey, AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: LEDGER_TABLE.partitionKey, KeyType: "HASH" },
      { AttributeName: LEDGER_TABLE.sortKey, KeyType: "RANGE" },
    ],
  };
}
