// What the run talks to: the emulator that it starts itself, or whatever answers at E2E_ENDPOINT_URL.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";
import { type EmulatorOptions, startEmulator } from "./emulator.ts";
import { MisconfiguredError, type Run } from "./steps.ts";

export const ENDPOINT_VARIABLE = "E2E_ENDPOINT_URL";
export const REGION = "us-east-1";
const ANSWER_TIMEOUT_MS = 10_000;

/** What an SDK client needs in order to talk to it. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Endpoint {
  readonly url: string;
  readonly account: string;
  readonly clientOptions: ClientOptions;
  /** Environment that points an SDK or CLI client at it, and at nothing else. */
  readonly clientEnv: Readonly<Record<string, string>>;
  /** MiniStack, with the gaps that are listed in docs/testing.md; anything else is taken to do as AWS does. */
  readonly isMiniStack: boolean;
  /** Policies of roles and users are enforced. */
  readonly enforcesIam: boolean;
  /** Started by this run, and gone with it. */
  readonly isOurs: boolean;
  /** Undefined where somebody else started it. */
  readonly logFile: string | undefined;
}

const Health = z.object({ version: z.string(), auth: z.enum(["enabled", "disabled"]) });

/** @returns undefined for anything but a MiniStack. @throws Error unless something answers. */
async function healthOf(url: string): Promise<z.output<typeof Health> | undefined> {
  try {
    const response = await fetch(new URL("/_ministack/health", url), {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { data } = Health.safeParse(await response.json().catch(() => undefined));
    return data;
  } catch (error) {
    const { cause = error } = error instanceof Error ? error : {};
    const why = cause instanceof Error ? cause.message : cause;
    throw new MisconfiguredError(`nothing answers at ${url} (${ENDPOINT_VARIABLE}): ${why}`);
  }
}

/** Starts an emulator, unless the environment names an endpoint: then neither Python nor the emulator is needed. */
export async function openEndpoint({ say, lifetime }: Run, options: EmulatorOptions): Promise<Endpoint> {
  const given = process.env[ENDPOINT_VARIABLE];
  if (given !== undefined && !/^https?:\/\/[^/]/.test(given))
    throw new MisconfiguredError(`${ENDPOINT_VARIABLE} expected a URL (http://…), got "${given}"`);
  const { url, logFile } = given
    ? { url: given.replace(/\/+$/, ""), logFile: undefined }
    : await startEmulator(lifetime, options);
  const health = await healthOf(url);
  const { AWS_ACCESS_KEY_ID = "test", AWS_SECRET_ACCESS_KEY = "test" } = given ? process.env : {};
  const clientOptions = {
    endpoint: url,
    region: REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  };
  const { Account: account = "" } = await new STSClient(clientOptions).send(new GetCallerIdentityCommand({}));
  const what = health === undefined ? "not a MiniStack" : `MiniStack ${health.version}`;
  say(`${url}: ${what}, account ${account}${logFile === undefined ? `, from ${ENDPOINT_VARIABLE}` : ""}`);
  return {
    url,
    account,
    clientOptions,
    isMiniStack: health !== undefined,
    enforcesIam: health?.auth === "enabled",
    isOurs: logFile !== undefined,
    logFile,
    clientEnv: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
  };
}
