// DynamoDB is a real library, dynalite, in memory on a loopback port of its own; requests are passed on to it
// as they are. It starts with the first request, because most uses of the account need no table.

import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { WireResponse } from "./protocols/response.ts";
import type { Service } from "./service.ts";

export interface DynamoDb extends Service {
  readonly forward: (headers: Readonly<Record<string, string>>, body: string) => Promise<WireResponse>;
  readonly close: () => Promise<void>;
}

async function start(): Promise<Server> {
  const { default: dynalite } = await import("dynalite");
  // Tables are there at once, and gone at once.
  const server: Server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

export function createDynamoDb(): DynamoDb {
  let server: Promise<Server> | undefined;
  return {
    name: "dynamodb",
    operations: {},
    throttled: { code: "ThrottlingException", httpStatus: 400 },
    accessDenied: { code: "AccessDeniedException", httpStatus: 400 },
    unknownOperation: { code: "UnknownOperationException", httpStatus: 400 },

    async forward(headers, body) {
      server ??= start();
      const { port } = (await server).address() as AddressInfo;
      const passed = ["authorization", "content-type", "x-amz-date", "x-amz-target"] as const;
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        body,
        headers: Object.fromEntries(passed.map((name) => [name, headers[name] ?? ""])),
      });
      const kept = ["content-type", "x-amz-crc32", "x-amzn-requestid"].flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, value]];
      });
      return { status: response.status, headers: Object.fromEntries(kept), body: await response.text() };
    },

    async close() {
      if (server !== undefined) {
        const running = await server;
        running.closeAllConnections();
        await new Promise((resolve) => running.close(resolve));
      }
    },
  };
}
