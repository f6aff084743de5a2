// Everything that the chapters of the run share: the emulator, its clients, and what was deployed.
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { createChangeLedger } from "../../../aws/change-ledger.ts";
import { connect } from "../../../aws/connection.ts";
import { createLedger } from "../../../aws/ledger.ts";
import type { Emulator } from "../emulator.ts";
import { createClients, type Workload } from "../workload.ts";
import type { CommandPlace } from "./command.ts";
import { ROOT } from "./command.ts";
import { createDeployment, type Deployment, type Outputs } from "./deployment.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Mail, Tap } from "./tap.ts";

export type Say = (text: string) => void;

export const REGION = "us-east-1";
export const [ADA, GRACE] = ["ada@example.org", "grace@example.org"] as const;
export const NEW_TIMEOUT = "180";
/** The product takes no metrics for complete before they are this old: gaps in younger ones may still be filled. */
export const SETTLE_MINUTES = 15;
/**
 * How much shorter the emulator's Wait states are: a minute of propagation takes 3.3 s; the observation window and its
 * settling, 30 to 31 minutes, take 99 to 102 s. That window begins on a full minute of real time, within 62 s.
 */
export const WAIT_SCALE = "0.055";
export const CACHE = join(ROOT, ".cache");

/** Waits as short as the product allows; everything else as anybody gets it. */
const CONFIGURATION = {
  notifyEmail: ["ops@example.org"],
  approvers: [ADA, GRACE],
  schedule: "rate(1 minute)",
  lookbackMinutes: 10,
  settleMinutes: SETTLE_MINUTES,
  historyHours: 0,
  observationMinutes: 15,
};

export interface Stage {
  readonly say: Say;
  readonly emulator: Emulator;
  readonly tap: Tap;
  readonly place: CommandPlace;
  readonly deployment: Deployment;
  readonly clients: ReturnType<typeof createClients>;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly scheduler: SchedulerClient;
  readonly logs: CloudWatchLogsClient;
  readonly cloudWatch: CloudWatchClient;
}

export interface Deployed extends Stage {
  readonly outputs: Outputs;
  readonly workload: Workload;
  readonly digests: Mailbox;
  readonly requests: Mailbox;
}

export function createStage(say: Say, emulator: Emulator, tap: Tap, folder: string): Stage {
  const options = {
    endpoint: emulator.url,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const place: CommandPlace = { folder, env: { ...emulator.clientEnv, AWS_DEFAULT_REGION: REGION } };
  return {
    say,
    emulator,
    tap,
    place,
    deployment: createDeployment(place, CONFIGURATION),
    clients: createClients(emulator.url),
    sfn: new SFNClient(options),
    sns: new SNSClient(options),
    scheduler: new SchedulerClient(options),
    logs: new CloudWatchLogsClient(options),
    cloudWatch: new CloudWatchClient(options),
  };
}

export function ledgersOf({ emulator, outputs }: Deployed) {
  const connection = connect({
    endpointUrl: emulator.url,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const options = { tableName: outputs.LedgerTableName };
  return { ledger: createLedger(connection, options), changes: createChangeLedger(connection, options) };
}

/** The requests for approval that were mailed. */
export const askedFor = (tap: Tap): Mail[] =>
  tap.mails().filter(({ subject }) => subject.startsWith("Doubletake: approve"));

export async function visibilityTimeout({ clients, workload }: Deployed): Promise<string | undefined> {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: workload.queueUrl, AttributeNames: ["VisibilityTimeout"] }),
  );
  return Attributes?.["VisibilityTimeout"];
}
