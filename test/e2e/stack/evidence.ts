// What is kept of a failed run: the log of every function, the history of every execution, and what was mailed.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListStateMachinesCommand,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { listExecutions } from "./executions.ts";
import type { Mail } from "./tap.ts";

export interface Witnesses {
  readonly logs: CloudWatchLogsClient;
  readonly sfn: SFNClient;
  readonly mails: readonly Mail[];
}

const fileName = (name: string): string => name.replaceAll(/[^\w-]+/g, "_").replace(/^_/, "");

/** Each kind by itself: what cannot be read is left out, and the failure itself is told in any case. */
export async function keepEvidence(folder: string, { logs, sfn, mails }: Witnesses): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const keep = (name: string, text: string) => writeFileSync(join(folder, fileName(name)), text);
  keep("mails", JSON.stringify(mails, null, 2));
  await Promise.allSettled([keepLogs(logs, keep), keepExecutions(sfn, keep)]);
}

type Keep = (name: string, text: string) => void;

async function keepLogs(logs: CloudWatchLogsClient, keep: Keep): Promise<void> {
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
  for (const { logGroupName = "" } of logGroups) {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    const lines = events.map(
      ({ timestamp = 0, message }) => `${new Date(timestamp).toISOString()} ${message}`,
    );
    if (lines.length > 0) keep(`log-${logGroupName}`, lines.join("\n"));
  }
}

async function keepExecutions(sfn: SFNClient, keep: Keep): Promise<void> {
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn = "" } of stateMachines) {
    for (const executionArn of await listExecutions(sfn, stateMachineArn)) {
      const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      const { status, error, cause, input, output } = described;
      keep(
        `execution-${executionArn.split(":").slice(6).join("-")}`,
        JSON.stringify({ status, error, cause, input, output, events }, null, 2),
      );
    }
  }
}
