// The simulated account as a loopback HTTP server that speaks AWS's wire protocols, for unmodified SDK clients
// and the AWS CLI (AWS_ENDPOINT_URL). Signatures are not verified: any credentials do. The server never
// advances virtual time; whoever owns the account does.
// Beside AWS's own API it answers GET /_simulator/published: what SNS was told, as JSON.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SimulatedAccount } from "./account.ts";
import { type Fault, Faults } from "./faults.ts";
import { createAnswerer } from "./wire/answer.ts";
import { type FunctionHandler, FunctionHandlers } from "./wire/function-handlers.ts";
import type { WireResponse } from "./wire/protocols/response.ts";
import { createServices } from "./wire/services.ts";
import type { PublishedMessage } from "./wire/sns-messages.ts";
import type { PendingSubscription } from "./wire/sns-subscriptions.ts";

export type { Fault } from "./faults.ts";
export type { PublishedMessage } from "./wire/sns-messages.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface ServerOptions {
  readonly account: SimulatedAccount & { setBaseUrl?(url: string): void };
  /** @default any free port */
  readonly port?: number;
  readonly faults?: readonly Fault[];
  /** Called before each call is answered; may advance the account. */
  readonly onRequest?: (service: string, operation: string) => void;
}

export interface SimulatorServer {
  readonly url: string;
  readonly port: number;
  readonly account: SimulatedAccount;
  /** Can be added to and removed from while the server runs. */
  readonly faults: Faults;
  /** What SNS was told, in order. */
  published(): readonly PublishedMessage[];
  /** Subscriptions that wait for their confirmation, with the tokens that only their owners are mailed. */
  pendingSubscriptions(): readonly PendingSubscription[];
  /** Confirms them all, as whoever follows the link in the mail does. */
  confirmSubscriptions(): void;
  /** Answered calls by "service:Operation", refused ones too. */
  requests(): Record<string, number>;
  /** Runs in this process what Invoke and state machine tasks call by this function name. */
  registerFunctionHandler(functionNameOrArn: string, handler: FunctionHandler): void;
  close(): Promise<void>;
}

/** Clients reuse idle connections; one that the server closes in the same moment would look like an outage. */
const KEEP_ALIVE_MS = 10 * 60_000;

export async function startServer(options: ServerOptions): Promise<SimulatorServer> {
  const { account } = options;
  const faults = new Faults(options.faults);
  const handlers = new FunctionHandlers();
  const published: PublishedMessage[] = [];
  const counts = new Map<string, number>();
  const services = createServices({ account, faults, handlers, published });
  const answer = createAnswerer(services, faults, (service, operation) => {
    const name = `${service}:${operation}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    options.onRequest?.(service, operation);
  });

  const server = createServer((request, response) => {
    void respond(request, response, async (body) =>
      request.method === "GET" && request.url === "/_simulator/published"
        ? { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(published) }
        : answer({
            method: request.method ?? "GET",
            target: request.url ?? "/",
            headers: flatHeaders(request),
            body,
          }),
    );
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  account.setBaseUrl?.(url);

  return {
    url,
    port,
    account,
    faults,
    published: () => [...published],
    pendingSubscriptions: () => services.sns.subscriptions.pending(),
    confirmSubscriptions: () => services.sns.subscriptions.confirmAll(),
    requests: () => Object.fromEntries(counts),
    registerFunctionHandler: (name, handler) => handlers.register(name, handler),
    async close() {
      services.states.stopAll();
      server.closeAllConnections();
      await Promise.all([services.dynamodb.close(), new Promise((resolve) => server.close(resolve))]);
    },
  };
}

function flatHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (body: string) => Promise<WireResponse>,
): Promise<void> {
  try {
    const body = await readBody(request);
    const {
      status,
      headers,
      body: answered,
    } = body === undefined
      ? { status: 413, headers: {}, body: `expected a body of at most ${MAX_BODY_BYTES} bytes` }
      : await answer(body);
    response.writeHead(status, headers).end(answered);
  } catch (error) {
    if (response.destroyed) {
      return;
    }
    // A bug of ours. Told as AWS tells its own, so that clients retry and then say what it was.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    response
      .writeHead(500, { "content-type": "application/json" })
      .end(JSON.stringify({ __type: "InternalFailure", message }));
  }
}
