import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { ConfigError } from "../core/errors.ts";
import type { ExecutionsPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { ownError } from "./errors.ts";

const STATE_MACHINE = /^(arn:[^:]+:states:[^:]*:[^:]*):stateMachine:([^:]+)$/;
/** An execution that waits to be redriven has not come to its end either. */
const RUNNING: readonly unknown[] = ["RUNNING", "PENDING_REDRIVE"];

/** Executions of one Standard state machine, each under the id of its change. */
export function createExecutions(connection: Connection, stateMachineArn: string): ExecutionsPort {
  const client = connection.client(SFNClient);
  const [, prefix, machine] = STATE_MACHINE.exec(stateMachineArn) ?? [];
  if (prefix === undefined || machine === undefined) {
    throw new ConfigError(`expected the ARN of a state machine, got "${stateMachineArn}"`);
  }
  return {
    start: async (changeId) => {
      const input = JSON.stringify({ changeId });
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: changeId, input }));
      } catch (error) {
        // While it runs, a start with the same input is answered with success.
        if (error instanceof ExecutionAlreadyExists) return;
        throw ownError(error, stateMachineArn, "states:StartExecution");
      }
    },
    status: async (changeId) => {
      const executionArn = `${prefix}:execution:${machine}:${changeId}`;
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return RUNNING.includes(status) ? "running" : "ended";
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return "absent";
        throw ownError(error, executionArn, "states:DescribeExecution");
      }
    },
  };
}
