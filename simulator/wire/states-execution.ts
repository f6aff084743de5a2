// One execution of a state machine, run in this process by the interpreter in real time.
import type { FunctionHandlers } from "./function-handlers.ts";
import { type HistoryEvent, type InterpreterEvent, toHistoryEvent } from "./states-history.ts";
import { createTaskRunner, findTasks, withTimeouts } from "./states-tasks.ts";
import type { TaskTokens } from "./task-tokens.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  /** JSON text, as given. */
  readonly input: string;
  readonly startMs: number;
  status: ExecutionStatus;
  stopMs?: number;
  /** JSON text. */
  output?: string;
  error?: string;
  cause?: string;
  readonly history: (HistoryEvent & { readonly timestamp: Date })[];
  /** Stops it, its waiting tasks included. */
  readonly stop: AbortController;
}

export interface RunDependencies {
  readonly handlers: FunctionHandlers;
  readonly tokens: TaskTokens;
  readonly nowMs: () => number;
}

/** The interpreter is large, so it is loaded by whoever needs a state machine first. */
function loadInterpreter() {
  return import("aws-local-stepfunctions");
}

/** @returns what is wrong with a definition, or undefined. */
export async function definitionProblem(definition: string): Promise<string | undefined> {
  const { StateMachine } = await loadInterpreter();
  try {
    new StateMachine(JSON.parse(definition));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs an execution to its end and keeps its record; never rejects. */
export async function runExecution(
  execution: Execution,
  definition: string,
  { handlers, tokens, nowMs }: RunDependencies,
): Promise<void> {
  const interpreter = await loadInterpreter();
  const parsed = JSON.parse(definition);
  const tasks = findTasks(parsed);
  withTimeouts(tasks);
  const { signal } = execution.stop;
  const machine = new interpreter.StateMachine(parsed, { validationOptions: { noValidate: true } });
  const run = machine.run(JSON.parse(execution.input), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        [...tasks].map(([name, task]) => {
          const runTask = createTaskRunner(task, { handlers, tokens, signal });
          return [name, async (input) => JSON.parse(JSON.stringify((await runTask(input)) ?? null))];
        }),
      ),
    },
    context: {
      Execution: { Id: execution.arn, Name: execution.name },
      StateMachine: { Id: execution.stateMachineArn },
      Task: {
        // A fresh token each time that a state asks for one.
        get Token() {
          return tokens.issue();
        },
      },
    },
  });
  signal.addEventListener("abort", run.abort);
  if (signal.aborted) {
    run.abort();
  }
  const recorded = record(execution, run.eventLogs, nowMs);
  try {
    const output = await run.result;
    execution.status = "SUCCEEDED";
    execution.output = JSON.stringify(output);
  } catch (error) {
    if (error instanceof interpreter.ExecutionAbortedError) {
      // StopExecution has said so already.
      execution.status = "ABORTED";
    } else if (error instanceof interpreter.ExecutionTimeoutError) {
      execution.status = "TIMED_OUT";
    } else {
      execution.status = "FAILED";
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      execution.error ??= cause instanceof Error ? cause.name : "States.Runtime";
      execution.cause ??= cause instanceof Error ? cause.message : String(cause);
    }
  }
  execution.stopMs = nowMs();
  await recorded;
}

async function record(
  execution: Execution,
  events: AsyncIterable<InterpreterEvent>,
  nowMs: () => number,
): Promise<void> {
  for await (const event of events) {
    const told = toHistoryEvent(event);
    if (told !== undefined) {
      execution.history.push({ ...told, timestamp: new Date(nowMs()) });
    }
  }
}
