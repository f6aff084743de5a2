// Everything that the chapters of the run share: the endpoint, its clients, and what was deployed.
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { createChangeLedger } from "../../../aws/change-ledger.ts";
import { connect } from "../../../aws/connection.ts";
import { createLedger } from "../../../aws/ledger.ts";
import type { DeployedRoles } from "../consumer-stack.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Run } from "../steps.ts";
import { createClients, type Workload } from "../workload.ts";
import { type CommandPlace, ROOT } from "./command.ts";
import { createDeployment, type Deployment, type Outputs } from "./deployment.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Mail, Tap } from "./tap.ts";

export const [ADA, GRACE] = ["ada@example.org", "grace@example.org"] as const;
export const OLD_TIMEOUT = "2";
export const NEW_TIMEOUT = "180";
/** The product takes no metrics for complete before they are this old: gaps in younger ones may still be filled. */
export const SETTLE_MINUTES = 15;
/**
 * How much shorter the emulator's Wait states are: a minute of propagation takes 3.3 s; the observation window and its
 * settling, 30 to 31 minutes, take 99 to 102 s. That window begins on a full minute of real time, within 62 s.
 */
export const WAIT_SCALE = 0.055;
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

export interface Stage extends Run {
  readonly endpoint: Endpoint;
  readonly tap: Tap;
  readonly place: CommandPlace;
  readonly deployment: Deployment;
  readonly clients: ReturnType<typeof createClients>;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly sts: STSClient;
  readonly scheduler: SchedulerClient;
  readonly cloudWatch: CloudWatchClient;
}

export interface Deployed extends Stage {
  readonly outputs: Outputs;
  readonly roles: DeployedRoles;
  /** Its change is approved. */
  readonly receipts: Workload;
  /** Its change is rejected. */
  readonly invoices: Workload;
  readonly digests: Mailbox;
  readonly requests: Mailbox;
}

export function createStage(run: Run, endpoint: Endpoint, tap: Tap, folder: string): Stage {
  const options = endpoint.clientOptions;
  const place: CommandPlace = { folder, env: endpoint.clientEnv, lifetime: run.lifetime, said: [] };
  return {
    ...run,
    endpoint,
    tap,
    place,
    deployment: createDeployment(
      { ...place, env: { ...place.env, AWS_ENDPOINT_URL: tap.url } },
      endpoint.account,
      CONFIGURATION,
    ),
    clients: createClients(options),
    sfn: new SFNClient(options),
    sns: new SNSClient(options),
    sts: new STSClient(options),
    scheduler: new SchedulerClient(options),
    cloudWatch: new CloudWatchClient(options),
  };
}

export function ledgersOf({ endpoint, outputs }: Deployed) {
  const { endpoint: endpointUrl, region, credentials } = endpoint.clientOptions;
  const connection = connect({ endpointUrl, region, credentials });
  const options = { tableName: outputs.LedgerTableName };
  return { ledger: createLedger(connection, options), changes: createChangeLedger(connection, options) };
}

/** The requests for approval of a change of the queue that were mailed. */
export const askedFor = ({ tap }: Stage, { queueName }: Workload): Mail[] =>
  tap
    .mails()
    .filter(({ subject }) => subject.startsWith("Doubletake: approve") && subject.includes(queueName));

export async function visibilityTimeout(
  { clients }: Stage,
  { queueUrl }: Workload,
): Promise<string | undefined> {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["VisibilityTimeout"] }),
  );
  return Attributes?.["VisibilityTimeout"];
}
