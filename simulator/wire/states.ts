// AWS Step Functions: state machines and their executions, which really run, in this process.
import { createHash } from "node:crypto";
import * as z from "zod";
import { type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import type { FunctionHandlers } from "./function-handlers.ts";
import { pageOf } from "./paging.ts";
import { flag, wholeNumber } from "./parameters.ts";
import { checked, type Service } from "./service.ts";
import { definitionProblem, type Execution, runExecution } from "./states-execution.ts";
import { TaskTokens } from "./task-tokens.ts";

const INVALID = "ValidationException";
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;
const MAX_PAYLOAD_BYTES = 262_144;
/** White space, brackets, wildcards, `" # % \ ^ | ~ ` $ & , ; : /` and control characters. */
const ILLEGAL_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

const Paging = z.object({
  maxResults: wholeNumber(0, MAX_PAGE).optional(),
  nextToken: z.string().optional(),
});
const ByMachine = z.object({ stateMachineArn: z.string() });
const ByExecution = z.object({ executionArn: z.string() });
const ByToken = z.object({ taskToken: z.string().max(2048) });

interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly type: "STANDARD" | "EXPRESS";
  readonly createdMs: number;
}

export interface StatesService extends Service {
  /** Ends what still runs. */
  readonly stopAll: () => void;
}

function checkName(name: string): void {
  if (name === "" || name.length > 80 || ILLEGAL_IN_NAMES.test(name)) {
    throw new SimulatedAwsError("InvalidName", `Invalid Name: '${name}'`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function createStates(account: SimulatedAccount, handlers: FunctionHandlers): StatesService {
  const machines = new Map<string, Machine>();
  const executions = new Map<string, Execution>();
  const tokens = new TaskTokens();
  const nowMs = () => account.nowMs();
  const arn = (kind: string, ...names: readonly string[]) =>
    `arn:aws:states:${account.region}:${account.accountId}:${kind}:${names.join(":")}`;

  const findMachine = (stateMachineArn: string): Machine => {
    const found = machines.get(stateMachineArn);
    if (found === undefined) {
      const message = `State Machine Does Not Exist: '${stateMachineArn}'`;
      throw new SimulatedAwsError("StateMachineDoesNotExist", message);
    }
    return found;
  };
  const findExecution = (executionArn: string): Execution => {
    const found = executions.get(executionArn);
    if (found === undefined) {
      throw new SimulatedAwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
    }
    return found;
  };
  const page = <Item>(items: readonly Item[], { maxResults, nextToken }: z.output<typeof Paging>) =>
    pageOf(items, maxResults || DEFAULT_PAGE, nextToken, () => {
      throw new SimulatedAwsError("InvalidToken", "Invalid Token: 'nextToken'");
    });
  const describe = ({ arn: executionArn, name, stateMachineArn, status, startMs, stopMs }: Execution) => ({
    executionArn,
    name,
    stateMachineArn,
    status,
    startDate: new Date(startMs),
    stopDate: stopMs === undefined ? undefined : new Date(stopMs),
  });

  return {
    name: "states",
    stopAll() {
      for (const { status, stop } of executions.values()) {
        if (status === "RUNNING") {
          stop.abort();
        }
      }
    },
    operations: {
      CreateStateMachine: checked(
        INVALID,
        z.object({
          name: z.string(),
          definition: z.string().min(1),
          roleArn: z.string().min(1),
          type: z.enum(["STANDARD", "EXPRESS"]).optional(),
        }),
        async ({ name, definition, roleArn, type = "STANDARD" }) => {
          checkName(name);
          const problem = await definitionProblem(definition);
          if (problem !== undefined) {
            throw new SimulatedAwsError(
              "InvalidDefinition",
              `Invalid State Machine Definition: '${problem}'`,
            );
          }
          const stateMachineArn = arn("stateMachine", name);
          const existing = machines.get(stateMachineArn);
          if (existing !== undefined && existing.definition !== definition) {
            const message = `State Machine Already Exists: '${stateMachineArn}'`;
            throw new SimulatedAwsError("StateMachineAlreadyExists", message);
          }
          const machine = existing ?? {
            arn: stateMachineArn,
            name,
            definition,
            roleArn,
            type,
            createdMs: nowMs(),
          };
          machines.set(stateMachineArn, machine);
          return { stateMachineArn, creationDate: new Date(machine.createdMs) };
        },
      ),

      DescribeStateMachine: checked(INVALID, ByMachine, ({ stateMachineArn }) => {
        const { arn: _, createdMs, ...machine } = findMachine(stateMachineArn);
        return { ...machine, stateMachineArn, status: "ACTIVE", creationDate: new Date(createdMs) };
      }),

      ListStateMachines: checked(INVALID, Paging, (input) => {
        const { items, nextToken } = page([...machines.values()], input);
        const stateMachines = items.map(({ arn: stateMachineArn, name, type, createdMs }) => ({
          stateMachineArn,
          name,
          type,
          creationDate: new Date(createdMs),
        }));
        return { stateMachines, nextToken };
      }),

      StartExecution: checked(
        INVALID,
        ByMachine.extend({ name: z.string().optional(), input: z.string().optional() }),
        ({ stateMachineArn, name, input = "{}" }) => {
          const machine = findMachine(stateMachineArn);
          const chosen = name ?? createHash("md5").update(`execution ${executions.size}`).digest("hex");
          checkName(chosen);
          if (!isJson(input) || Buffer.byteLength(input) > MAX_PAYLOAD_BYTES) {
            throw new SimulatedAwsError("InvalidExecutionInput", "Invalid State Machine Execution Input");
          }
          const executionArn = arn("execution", machine.name, chosen);
          const existing = executions.get(executionArn);
          if (existing?.status === "RUNNING" && existing.input === input) {
            return { executionArn, startDate: new Date(existing.startMs) };
          }
          if (existing !== undefined) {
            const message = `Execution Already Exists: '${executionArn}'`;
            throw new SimulatedAwsError("ExecutionAlreadyExists", message);
          }
          const execution: Execution = {
            arn: executionArn,
            name: chosen,
            stateMachineArn,
            input,
            startMs: nowMs(),
            status: "RUNNING",
            history: [],
            stop: new AbortController(),
          };
          executions.set(executionArn, execution);
          void runExecution(execution, machine.definition, { handlers, tokens, nowMs });
          return { executionArn, startDate: new Date(execution.startMs) };
        },
      ),

      DescribeExecution: checked(INVALID, ByExecution, ({ executionArn }) => {
        const execution = findExecution(executionArn);
        const { input, output, error, cause } = execution;
        return { ...describe(execution), input, output, error, cause };
      }),

      ListExecutions: checked(
        INVALID,
        ByMachine.extend({
          ...Paging.shape,
          statusFilter: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]).optional(),
        }),
        (input) => {
          findMachine(input.stateMachineArn);
          const matching = [...executions.values()]
            .filter(
              ({ stateMachineArn, status }) =>
                stateMachineArn === input.stateMachineArn && (input.statusFilter ?? status) === status,
            )
            .reverse();
          const { items, nextToken } = page(matching, input);
          return { executions: items.map(describe), nextToken };
        },
      ),

      GetExecutionHistory: checked(
        INVALID,
        ByExecution.extend({
          ...Paging.shape,
          reverseOrder: flag.optional(),
          includeExecutionData: flag.optional(),
        }),
        (input) => {
          const events = findExecution(input.executionArn).history.map((event, index) => ({
            ...event,
            id: index + 1,
            previousEventId: index,
          }));
          const { items, nextToken } = page(input.reverseOrder ? events.reverse() : events, input);
          return { events: items, nextToken };
        },
      ),

      StopExecution: checked(
        INVALID,
        ByExecution.extend({ error: z.string().optional(), cause: z.string().optional() }),
        ({ executionArn, error, cause }) => {
          const execution = findExecution(executionArn);
          if (execution.status === "RUNNING") {
            if (error !== undefined) {
              execution.error = error;
            }
            if (cause !== undefined) {
              execution.cause = cause;
            }
            execution.status = "ABORTED";
            execution.stop.abort();
            execution.stopMs = nowMs();
          }
          return { stopDate: new Date(execution.stopMs ?? nowMs()) };
        },
      ),

      SendTaskSuccess: checked(INVALID, ByToken.extend({ output: z.string() }), ({ taskToken, output }) => {
        if (!isJson(output)) {
          throw new SimulatedAwsError("InvalidOutput", "Invalid output: expected JSON");
        }
        tokens.succeed(taskToken, JSON.parse(output));
      }),

      SendTaskFailure: checked(
        INVALID,
        ByToken.extend({ error: z.string().optional(), cause: z.string().optional() }),
        ({ taskToken, error = "States.TaskFailed", cause = "" }) => {
          const failure = new Error(cause);
          failure.name = error;
          tokens.fail(taskToken, failure);
        },
      ),

      SendTaskHeartbeat: checked(INVALID, ByToken, ({ taskToken }) => tokens.checkIsWaiting(taskToken)),
    },
    throttled: { code: "ThrottlingException", httpStatus: 400 },
    accessDenied: { code: "AccessDeniedException", httpStatus: 400 },
    unknownOperation: { code: "UnknownOperationException", httpStatus: 400 },
  };
}
