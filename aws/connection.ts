// One connection = the settings that all SDK clients share. Each port makes the one client that it needs from it,
// so that the bundle of a Lambda holds no other service's client.
import type { CallCounter } from "../core/ports.ts";
import { createCallCounter, watchAttempts } from "./call-counter.ts";
import { createTurns, type Turn } from "./rates.ts";
import { VERSION } from "./version.ts";

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ConnectionOptions {
  /** @default the SDK's own search: AWS_REGION, then the profile */
  readonly region?: string;
  /** @default AWS_PROFILE, then "default" */
  readonly profile?: string;
  /** All services at one URL. @default AWS_ENDPOINT_URL, then AWS itself */
  readonly endpointUrl?: string;
  /** @default the SDK's ordinary credential chain */
  readonly credentials?: AccessKey;
  /** Tries a call, the first included. @default 6 */
  readonly maxAttempts?: number;
  /**
   * How much of our part of the account's quotas these clients may take together: less than 1 where several processes
   * call at the same time, Infinity where nothing is to wait. @default 1
   */
  readonly quotaShare?: number;
  /** Turns that other processes take, too, instead of a share. */
  readonly turn?: Turn;
}

export interface ClientSettings {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: AccessKey;
  readonly maxAttempts: number;
  readonly retryMode: "standard";
  readonly customUserAgent: [string, string][];
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/** What single clients need beside the common settings. */
export interface MoreSettings {
  readonly maxAttempts?: number;
  /** SQS only. */
  readonly useQueueUrlAsEndpoint?: boolean;
}

/** Any SDK client. Each types its middleware stack by its own commands; counting needs none of those types. */
interface Client {
  readonly middlewareStack: { remove(middleware: string): boolean };
}

export interface Connection {
  /** A client of that class on this connection, its calls counted, and held back where AWS would refuse them. */
  client<C extends Client>(clientClass: new (settings: ClientSettings) => C, more?: MoreSettings): C;
  readonly calls: CallCounter;
}

const DEFAULT_MAX_ATTEMPTS = 6;
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 20_000;

export function connect(options: ConnectionOptions = {}): Connection {
  const counter = createCallCounter();
  const turn = options.turn ?? createTurns(options.quotaShare ?? 1);
  const settings: ClientSettings = {
    ...(options.region !== undefined && { region: options.region }),
    ...(options.profile !== undefined && { profile: options.profile }),
    ...(options.endpointUrl !== undefined && { endpoint: options.endpointUrl }),
    ...(options.credentials !== undefined && { credentials: options.credentials }),
    maxAttempts: options.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    // Not "adaptive": its rate limiter is shared by a client, so one throttled queue would slow all others down.
    retryMode: "standard",
    customUserAgent: [["doubletake", VERSION]],
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
  return {
    calls: counter,
    client: (clientClass, more) => {
      const client = new clientClass({ ...settings, ...more });
      // It copies every answer for a logger that nobody has set, which took a third of the SDK's time on log rows.
      client.middlewareStack.remove("loggerMiddleware");
      watchAttempts(client, async (call, input) => {
        await turn(call, input);
        counter.record(call);
      });
      return client;
    },
  };
}
