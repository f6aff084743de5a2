// Executions of the stack's state machines: waited for, and written down when something fails.
import { setTimeout as pause } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type SFNClient,
} from "@aws-sdk/client-sfn";

const LOOK_MS = 250;

/** Looks until there is an answer. @throws Error when there is none in time. */
export async function until<Answer>(
  what: string,
  seconds: number,
  look: () => Promise<Answer | undefined>,
): Promise<Answer> {
  const endMs = Date.now() + seconds * 1000;
  while (Date.now() < endMs) {
    const answer = await look();
    if (answer !== undefined) return answer;
    await pause(LOOK_MS);
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

export async function listExecutions(sfn: SFNClient, stateMachineArn: string): Promise<string[]> {
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.flatMap(({ executionArn }) => (executionArn === undefined ? [] : [executionArn]));
}

export function waitForEnd(
  sfn: SFNClient,
  executionArn: string,
  seconds: number,
): Promise<DescribeExecutionCommandOutput> {
  return until(`the end of ${executionArn}`, seconds, async () => {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  });
}

/** The states it went through, in order. */
export async function statesOf(sfn: SFNClient, executionArn: string): Promise<string[]> {
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return events.flatMap(({ stateEnteredEventDetails }) =>
    stateEnteredEventDetails?.name === undefined ? [] : [stateEnteredEventDetails.name],
  );
}
