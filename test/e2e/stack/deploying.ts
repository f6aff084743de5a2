// The stack is deployed and gets queues to find; at the end it is deployed once more, and taken away.
import assert from "node:assert/strict";
import { DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  type FunctionConfiguration,
  paginateListFunctions,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { GetScheduleCommand, ListSchedulesCommand, UpdateScheduleCommand } from "@aws-sdk/client-scheduler";
import { ListStateMachinesCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { awsCli, awsCliVersion } from "../../support/aws-cli.ts";
import { deployRoles } from "../consumer-stack.ts";
import { ENDPOINT_VARIABLE, REGION } from "../endpoint.ts";
import { MisconfiguredError } from "../steps.ts";
import {
  createWorkload,
  INVOICES,
  produceOverlaps,
  RECEIPTS,
  removeWorkload,
  type Workload,
} from "../workload.ts";
import { subscribeMailbox } from "./mailbox.ts";
import { publishQueueMetrics } from "./queue-metrics.ts";
import {
  ADA,
  type Deployed,
  ledgersOf,
  NEW_TIMEOUT,
  OLD_TIMEOUT,
  SETTLE_MINUTES,
  type Stage,
  visibilityTimeout,
} from "./stage.ts";

/** Of a name that is too long, CloudFormation keeps about so much before its own ending. */
const NAME_LENGTH = 48;
const LOAD = { messages: 6, pollers: 4, durationMs: 14_000 };

export async function deployAndLoad(stage: Stage): Promise<Deployed> {
  const { deployment, endpoint, lifetime, step } = stage;
  await step("cdk bootstrap", async () => {
    await refuseToReplace(stage);
    await deployment.bootstrap();
  });
  const { outputs } = await step("cdk deploy", async () => {
    if (!endpoint.isOurs) lifetime.add(destroyed(deployment));
    const deployed = await deployment.deploy();
    if (!endpoint.isOurs) lifetime.add(() => removeLedger(stage, deployed.outputs.LedgerTableName));
    return deployed;
  });
  const functions = await functionsOf(stage);
  const roles = await step("a role for the consumers, and one for a person who scans", () =>
    deployRoles(endpoint, stage.place, (action) => {
      const holders = deployment.functionsHolding(action);
      return functions.flatMap(({ FunctionName, Role }) =>
        holders.some((id) => FunctionName?.startsWith(`Doubletake-${id}`.slice(0, NAME_LENGTH)))
          ? (Role ?? [])
          : [],
      );
    }),
  );
  const mailboxes = await step("mails are read along, and the schedule gets its time", async () => {
    await readMailsAlong(stage, functions);
    await fillInScheduledTime(stage);
    const approvals = await approvalTopicOf(stage);
    return {
      digests: await subscribeMailbox(stage, outputs.DigestTopicArn, {
        name: "mailbox-ops",
        address: "ops@example.org",
      }),
      requests: await subscribeMailbox(stage, approvals, { name: "mailbox-ada", address: ADA }),
    };
  });
  const workloads = await step("messages of two queues are delivered twice", async () => {
    const receipts = await createAndLoad(stage, () =>
      createWorkload(stage.clients, RECEIPTS, roles.ConsumerRoleArn),
    );
    const invoices = await createAndLoad(stage, () =>
      createWorkload(stage.clients, INVOICES, roles.ConsumerRoleArn),
    );
    await Promise.all([receipts.loaded, invoices.loaded]);
    return { receipts: receipts.workload, invoices: invoices.workload };
  });
  return { ...stage, outputs, roles, ...workloads, ...mailboxes };
}

async function createAndLoad(stage: Stage, create: () => Promise<Workload>) {
  const workload = await create();
  if (!stage.endpoint.isOurs) stage.lifetime.add(() => removeWorkload(stage.clients, workload));
  return { workload, loaded: load(stage, workload) };
}

/** The same messages, before the change and after it. */
export async function load({ clients, cloudWatch, say }: Stage, workload: Workload): Promise<void> {
  const startMs = Date.now();
  const invocations = await produceOverlaps(clients, workload, LOAD);
  await publishQueueMetrics(cloudWatch, workload, { messages: LOAD.messages, startMs });
  say(`${workload.queueName}: ${LOAD.messages} messages sent, ${invocations} invocations of ours`);
}

/** Unless it has been destroyed as the last step. */
const destroyed =
  ({ destroy, isDeployed }: Stage["deployment"]) =>
  async () => {
    if (isDeployed()) await destroy();
  };

/** An account that somebody uses is no place for this. */
async function refuseToReplace({ sfn, endpoint }: Stage): Promise<void> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const found = stateMachines.find(({ name }) => name?.startsWith("Doubletake-"));
  if (found === undefined) return;
  throw new MisconfiguredError(
    `${endpoint.url} (${ENDPOINT_VARIABLE}) has a Doubletake already, which this run would replace`,
  );
}

/** Removal is told apart from the stack's: the ledger is kept when the stack goes. */
async function removeLedger({ endpoint }: Stage, tableName: string): Promise<void> {
  await new DynamoDBClient(endpoint.clientOptions).send(new DeleteTableCommand({ TableName: tableName }));
}

async function functionsOf({ clients: { lambda } }: Stage): Promise<FunctionConfiguration[]> {
  const found: FunctionConfiguration[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    found.push(...Functions.filter(({ FunctionName }) => FunctionName?.startsWith("Doubletake-")));
  }
  return found;
}

/** SNS alone is reached through the tap. */
async function readMailsAlong(
  { clients: { lambda }, tap }: Stage,
  functions: readonly FunctionConfiguration[],
): Promise<void> {
  await Promise.all(
    functions.map(({ FunctionName, Environment }) =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Environment: { Variables: { ...Environment?.Variables, AWS_ENDPOINT_URL_SNS: tap.url } },
        }),
      ),
    ),
  );
}

async function approvalTopicOf({ sns }: Stage): Promise<string> {
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const arn = Topics.find(({ TopicArn }) => TopicArn?.includes("ApprovalsTopic"))?.TopicArn;
  assert.ok(arn, "a topic for requests for approval");
  return arn;
}

/**
 * The emulator hands `<aws.scheduler.scheduled-time>` on as it is written, so the harness writes a time there: that of
 * the first tick, and as much later as metrics need to settle, so that the window holds what happens now. All later
 * ticks repeat it, as a schedule may on AWS.
 */
async function fillInScheduledTime({ scheduler, say }: Stage): Promise<void> {
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}));
  const listed = Schedules.find(({ Target }) => Target?.Arn?.includes("Doubletake-")) ?? Schedules[0];
  const schedule = await scheduler.send(new GetScheduleCommand({ Name: listed?.Name }));
  const { Name, ScheduleExpression, FlexibleTimeWindow, Target, CreationDate } = schedule;
  assert.equal(ScheduleExpression, "rate(1 minute)");
  assert.deepEqual(JSON.parse(Target?.Input ?? ""), { scheduledTime: "<aws.scheduler.scheduled-time>" });
  assert.equal(Target?.RetryPolicy?.MaximumRetryAttempts, 5);
  const firstTickMs = (CreationDate?.getTime() ?? 0) + 60_000;
  const scheduledTime = new Date(firstTickMs + SETTLE_MINUTES * 60_000).toISOString();
  await scheduler.send(
    new UpdateScheduleCommand({
      Name,
      ScheduleExpression,
      FlexibleTimeWindow,
      Target: Target && { ...Target, Input: JSON.stringify({ scheduledTime }) },
    }),
  );
  say(`the schedule's first tick is due at ${new Date(firstTickMs).toISOString()}`);
}

/** Undefined, which the timeline says, where the AWS CLI is not installed: a client that shares no code with us. */
export async function aws({ endpoint, say }: Stage, ...args: string[]): Promise<unknown> {
  if (awsCliVersion() === undefined) {
    say(`NOT TESTED: aws ${args.slice(0, 2).join(" ")}: the AWS CLI is not installed`);
    return undefined;
  }
  return JSON.parse(await awsCli(endpoint.url, REGION, [...args, "--output", "json"]));
}

/** While a change is in its observation window, which must not notice. */
export function deployAgain({ deployment, step }: Deployed): Promise<void> {
  return step("cdk deploy once more: no changes", async () => {
    const { said } = await deployment.deploy();
    assert.match(said, /no changes/);
  });
}

export function destroy(deployed: Deployed): Promise<void> {
  const { deployment, step, sfn, outputs, roles, receipts, invoices } = deployed;
  return step("cdk destroy: the ledger and the changed queue stay", async () => {
    await roles.destroy();
    await deployment.destroy();
    await assert.rejects(
      sfn.send(new StartExecutionCommand({ stateMachineArn: outputs.ScanStateMachineArn })),
      /StateMachineDoesNotExist|does not exist/i,
    );
    assert.equal(await visibilityTimeout(deployed, receipts), NEW_TIMEOUT);
    assert.equal(await visibilityTimeout(deployed, invoices), OLD_TIMEOUT);
    assert.equal((await ledgersOf(deployed).changes.list()).length, 2);
  });
}
