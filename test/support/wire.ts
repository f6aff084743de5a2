// A simulator server with a fake account behind it, and SDK clients that talk to it.
import type { ServerOptions, SimulatorServer } from "../../simulator/server.ts";
import { startServer } from "../../simulator/server.ts";
import { createFakeAccount, type FakeAccountOptions, REGION } from "./fake-account.ts";

export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

export interface Wire {
  readonly server: SimulatorServer;
  /** For any SDK client's constructor; no retries, so that a refusal is seen at once. */
  readonly settings: ClientSettings;
}

const running: SimulatorServer[] = [];

export async function startWire(
  account: FakeAccountOptions = {},
  options: Omit<ServerOptions, "account"> = {},
): Promise<Wire> {
  const server = await startServer({ ...options, account: createFakeAccount(account) });
  running.push(server);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { server, settings: { endpoint: server.url, region: REGION, credentials, maxAttempts: 1 } };
}

/** For `afterEach`. */
export async function closeWires(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.close()));
}
