// What is known about a failed run: printed in short, and kept in full, every function's log, every execution's history,
// what each command said (with the stack's events), and what was mailed.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { awsCli, awsCliVersion } from "../../support/aws-cli.ts";
import { REGION } from "../endpoint.ts";
import { listExecutions } from "./executions.ts";
import type { Stage } from "./stage.ts";

const LAST_EVENTS = 4;
const LAST_LINES = 3;
const TEXT_LENGTH = 400;
const TROUBLE = /"level":"(ERROR|WARN)"|Task timed out|errorType|Unhandled/;
const STACK_TROUBLE = /_FAILED|ROLLBACK/;

type Keep = (name: string, text: string) => void;

const fileName = (name: string): string => name.replaceAll(/[^\w.-]+/g, "_").replace(/^_/, "");
const short = (text: string): string =>
  text.length > TEXT_LENGTH ? `${text.slice(0, TEXT_LENGTH)} …` : text;

/** Each kind by itself: what cannot be read is said, and keeps nothing else from being kept. @returns lines to print. */
export async function keepEvidence(folder: string, stage: Stage): Promise<readonly string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const keep: Keep = (name, text) => writeFileSync(join(folder, fileName(name)), text);
  const kinds: Readonly<Record<string, () => Promise<string[]>>> = {
    executions: () => keepExecutions(stage.sfn, keep),
    functions: () => keepLogs(stage.clients.logs, keep),
    "stack events": () => keepStackEvents(stage, keep),
    mails: async () => keepMails(stage, keep),
  };
  const lines: string[] = [];
  for (const [kind, gather] of Object.entries(kinds)) {
    const found = await gather().catch((error: unknown) => [`could not be read: ${error}`]);
    lines.push(`--- ${kind}`, ...(found.length > 0 ? found : ["none"]));
  }
  keepCommands(stage, keep);
  if (stage.endpoint.logFile !== undefined)
    copyFileSync(stage.endpoint.logFile, join(folder, "emulator.log"));
  return [...lines, `--- kept in ${folder}`, readdirSync(folder).join("  ")];
}

interface LogLines {
  readonly group: string;
  readonly lines: readonly string[];
}

export async function linesOfFunctions(logs: CloudWatchLogsClient): Promise<LogLines[]> {
  const found: LogLines[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
    for (const { logGroupName: group = "" } of logGroups) {
      const lines: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents(
        { client: logs },
        { logGroupName: group },
      )) {
        for (const { timestamp = 0, message } of events)
          lines.push(`${new Date(timestamp).toISOString()} ${message?.trimEnd()}`);
      }
      if (lines.length > 0) found.push({ group, lines });
    }
  }
  return found;
}

async function keepLogs(logs: CloudWatchLogsClient, keep: Keep): Promise<string[]> {
  const printed: string[] = [];
  for (const { group, lines } of await linesOfFunctions(logs)) {
    keep(`log-${group}.txt`, lines.join("\n"));
    for (const line of lines.filter((one) => TROUBLE.test(one)).slice(-LAST_LINES))
      printed.push(`${group}: ${short(line)}`);
  }
  return printed;
}

async function keepExecutions(sfn: SFNClient, keep: Keep): Promise<string[]> {
  const printed: string[] = [];
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn = "" } of stateMachines) {
    for (const executionArn of await listExecutions(sfn, stateMachineArn)) {
      const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      const { status, error, cause, input, output } = described;
      const events: HistoryEvent[] = [];
      for await (const page of paginateGetExecutionHistory(
        { client: sfn },
        { executionArn, maxResults: 1000 },
      ))
        events.push(...(page.events ?? []));
      const name = executionArn.split(":").slice(6).join("-");
      keep(
        `execution-${name}.json`,
        JSON.stringify({ status, error, cause, input, output, events }, null, 2),
      );
      printed.push(`${name}: ${[status, error, cause].filter(Boolean).join(" ")}`);
      if (status !== "SUCCEEDED") printed.push(...events.slice(-LAST_EVENTS).map(eventLine));
    }
  }
  return printed;
}

function eventLine({ id, type, previousEventId: _, timestamp, ...details }: HistoryEvent): string {
  return `  ${id} ${timestamp?.toISOString()} ${type} ${short(JSON.stringify(details))}`;
}

/** From what the CDK printed, and in full where the AWS CLI is installed. */
async function keepStackEvents({ endpoint, place }: Stage, keep: Keep): Promise<string[]> {
  if (awsCliVersion() !== undefined) {
    const list = [
      "cloudformation",
      "describe-stack-events",
      "--stack-name",
      "Doubletake",
      "--output",
      "json",
    ];
    await awsCli(endpoint.url, REGION, list).then(
      (events) => keep("stack-events.json", events),
      // There may be no stack yet, or none any more.
      (error: unknown) => keep("stack-events.txt", String(error)),
    );
  }
  return place.said
    .flatMap(({ stdout, stderr }) => `${stdout}\n${stderr}`.split("\n"))
    .filter((line) => STACK_TROUBLE.test(line))
    .map(short);
}

function keepCommands({ place }: Stage, keep: Keep): void {
  for (const [index, { command, exitCode, stdout, stderr }] of place.said.entries()) {
    const name = command.split(" ").slice(0, 2).join("-");
    keep(
      `command-${String(index + 1).padStart(2, "0")}-${name}.txt`,
      `${command}\nexit code ${exitCode}\n\n${stdout}\n${stderr}`,
    );
  }
}

function keepMails({ tap }: Stage, keep: Keep): string[] {
  keep("mails.json", JSON.stringify(tap.mails(), null, 2));
  return tap.mails().map(({ subject, recipient }) => `to ${recipient ?? "all"}: ${subject}`);
}
