// A ledger table in dynalite, a DynamoDB in memory, on a loopback port of its own.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { type Connection, connect } from "../../aws/connection.ts";
import { createLedgerTableInput } from "../../aws/ledger-table.ts";

export interface DynaliteTable {
  readonly connection: Connection;
  readonly url: string;
  readonly tableName: string;
  close(): Promise<void>;
}

export async function startDynaliteTable(): Promise<DynaliteTable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const connection = connect({
    endpointUrl: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const tableName = "ledger";
  const client = connection.client(DynamoDBClient);
  await client.send(new CreateTableCommand(createLedgerTableInput(tableName)));
  while (
    (await client.send(new DescribeTableCommand({ TableName: tableName }))).Table?.TableStatus !== "ACTIVE"
  );
  client.destroy();
  return {
    connection,
    url,
    tableName,
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
