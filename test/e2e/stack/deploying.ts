// The stack is deployed and gets a queue to find; at the end it is deployed once more, and taken away.
import assert from "node:assert/strict";
import { GetScheduleCommand, ListSchedulesCommand, UpdateScheduleCommand } from "@aws-sdk/client-scheduler";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { awsCli, awsCliVersion } from "../../support/aws-cli.ts";
import { createWorkload, produceOverlaps, type Workload } from "../workload.ts";
import { subscribeMailbox } from "./mailbox.ts";
import { publishQueueMetrics } from "./queue-metrics.ts";
import {
  ADA,
  type Deployed,
  ledgersOf,
  NEW_TIMEOUT,
  REGION,
  SETTLE_MINUTES,
  type Stage,
  visibilityTimeout,
} from "./stage.ts";

const LOAD = { messages: 6, pollers: 4, durationMs: 14_000 };

export async function deployAndLoad(stage: Stage): Promise<Deployed> {
  const { say, deployment, clients, sns } = stage;
  await deployment.bootstrap();
  say("cdk bootstrap");
  const { outputs } = await deployment.deploy();
  say("cdk deploy");
  await fillInScheduledTime(stage);
  const sqs = clients.sqs;
  const approvalTopic = await approvalTopicOf(stage);
  const digests = await subscribeMailbox(
    { sns, sqs },
    { name: "mailbox-ops", topicArn: outputs.DigestTopicArn, address: "ops@example.org" },
  );
  const requests = await subscribeMailbox(
    { sns, sqs },
    { name: "mailbox-ada", topicArn: approvalTopic, address: ADA },
  );
  const workload = await createWorkload(clients);
  const invocations = await load(stage, workload);
  say(`queue with a 2 s visibility timeout, consumer that takes 5 s: ${invocations} invocations of ours`);
  return { ...stage, outputs, workload, digests, requests };
}

/** The same messages, before the change and after it. */
export async function load({ clients, cloudWatch }: Stage, workload: Workload): Promise<number> {
  const startMs = Date.now();
  const invocations = await produceOverlaps(clients, workload, LOAD);
  await publishQueueMetrics(cloudWatch, workload, { messages: LOAD.messages, startMs });
  return invocations;
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
  const { Schedules: [listed] = [] } = await scheduler.send(new ListSchedulesCommand({}));
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

/** What the AWS CLI, a client that shares no code with us, shows of the stack. */
export async function showWithAws({ emulator, outputs, say }: Deployed): Promise<void> {
  if (awsCliVersion() === undefined) {
    say("NOT TESTED: the AWS CLI is not installed");
    return;
  }
  const aws = async (...args: string[]) =>
    JSON.parse(await awsCli(emulator.url, REGION, [...args, "--output", "json"]));
  const { Stacks } = await aws("cloudformation", "describe-stacks", "--stack-name", "Doubletake");
  assert.match(Stacks[0].StackStatus, /^(CREATE|UPDATE)_COMPLETE$/);
  const url = ["lambda", "get-function-url-config", "--function-name", outputs.ApprovalsFunctionName];
  assert.equal((await aws(...url)).FunctionUrl, outputs.ApprovalPageUrl);
  for (const arn of [outputs.ScanStateMachineArn, outputs.RemediationStateMachineArn]) {
    const machine = await aws("stepfunctions", "describe-state-machine", "--state-machine-arn", arn);
    assert.doesNotMatch(machine.definition, /\$\{/, "every placeholder of the definition is filled in");
  }
  say("aws: the stack, the function URL and the state machines are as deployed");
}

export async function deployAgainAndDestroy(deployed: Deployed): Promise<void> {
  const { deployment, say, sfn, outputs } = deployed;
  const { said } = await deployment.deploy();
  assert.match(said, /no changes/);
  say("cdk deploy once more: no changes");
  await deployment.destroy();
  await assert.rejects(
    sfn.send(new StartExecutionCommand({ stateMachineArn: outputs.ScanStateMachineArn })),
    /StateMachineDoesNotExist|does not exist/i,
  );
  assert.equal(await visibilityTimeout(deployed), NEW_TIMEOUT);
  assert.equal((await ledgersOf(deployed).changes.list()).length, 1);
  say("cdk destroy: the state machines are gone; the ledger and the changed queue are not");
}
