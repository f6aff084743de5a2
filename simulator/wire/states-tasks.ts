// The Task states of a definition as functions of this process. Only Lambda tasks are modelled: a function's
// ARN as the resource, or `lambda:invoke` with or without a task token.
import * as z from "zod";
import type { FunctionHandlers } from "./function-handlers.ts";
import type { TaskTokens } from "./task-tokens.ts";

/** The interpreter's timer overflows above 2^31 ms. */
const MAX_TIMEOUT_SECONDS = 2_000_000;

export interface TaskDefinition {
  readonly Type: "Task";
  readonly Resource: string;
  TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  Parameters?: unknown;
}

/** What a task with TimeoutSecondsPath is run with. */
const TimedInput = z.object({ Input: z.unknown(), TimeoutSeconds: z.int().min(1) });

/** An error whose name Step Functions matches. */
function taskError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** The execution's own: no Retry and no Catch applies. */
function runtimeError(message: string): Error {
  return Object.assign(taskError("States.Runtime", message), { isRetryable: false, isCatchable: false });
}

/** Every Task state by name, those inside Map and Parallel too. */
export function findTasks(value: unknown): Map<string, TaskDefinition> {
  const found = new Map<string, TaskDefinition>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) {
      return;
    }
    for (const [name, child] of Object.entries(node)) {
      if (isTask(child)) {
        found.set(name, child);
      }
      visit(child);
    }
  };
  visit(value);
  return found;
}

function isTask(value: unknown): value is TaskDefinition {
  return (
    typeof value === "object" &&
    value !== null &&
    "Type" in value &&
    value.Type === "Task" &&
    "Resource" in value &&
    typeof value.Resource === "string"
  );
}

/**
 * Without a timeout a task may take a year on AWS, and one minute in the interpreter: makes that explicit.
 * The interpreter looks for TimeoutSecondsPath in what Parameters made, AWS in the state's input; so the seconds
 * become a part of what Parameters make, and createTaskRunner takes them out again.
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_stepfunctions.Timeout.html "a path in the state input"
 */
export function withTimeouts(tasks: ReadonlyMap<string, TaskDefinition>): void {
  for (const task of tasks.values()) {
    task.TimeoutSeconds = Math.min(task.TimeoutSeconds ?? MAX_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS);
    if (task.TimeoutSecondsPath !== undefined) {
      const input = task.Parameters === undefined ? { "Input.$": "$" } : { Input: task.Parameters };
      task.Parameters = { ...input, "TimeoutSeconds.$": task.TimeoutSecondsPath };
    }
  }
}

export interface TaskSurroundings {
  readonly handlers: FunctionHandlers;
  readonly tokens: TaskTokens;
  /** Aborted when the execution is stopped. */
  readonly signal: AbortSignal;
}

/** A stopped execution waits for none of its tasks, or the interpreter's timers would outlive it. */
function unlessStopped(signal: AbortSignal, task: Promise<unknown>): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(taskError("States.TaskFailed", "the execution was stopped"));
  signal.addEventListener("abort", stop);
  return Promise.race([task, promise]).finally(() => signal.removeEventListener("abort", stop));
}

export function createTaskRunner(
  task: TaskDefinition,
  surroundings: TaskSurroundings,
): (input: unknown) => Promise<unknown> {
  const run = createUnstoppableRunner(task, surroundings);
  return (given) => {
    if (task.TimeoutSecondsPath === undefined) {
      return unlessStopped(surroundings.signal, run(given));
    }
    const timed = TimedInput.safeParse(given);
    if (!timed.success) {
      const message = `expected ${task.TimeoutSecondsPath} to be a positive integer`;
      return Promise.reject(runtimeError(message));
    }
    // Every run sets its own: the interpreter reads this as soon as it has started the task.
    task.TimeoutSeconds = Math.min(timed.data.TimeoutSeconds, MAX_TIMEOUT_SECONDS);
    return unlessStopped(surroundings.signal, run(timed.data.Input));
  };
}

function createUnstoppableRunner(
  task: TaskDefinition,
  { handlers, tokens, signal }: TaskSurroundings,
): (input: unknown) => Promise<unknown> {
  const invoke = async (functionName: string, event: unknown): Promise<unknown> => {
    const handler = handlers.find(functionName);
    if (handler === undefined) {
      throw taskError("Lambda.ResourceNotFoundException", `no handler was registered for ${functionName}`);
    }
    try {
      // As over the wire: what the function returns is JSON, and nothing is shared.
      return JSON.parse(JSON.stringify((await handler(event)) ?? null));
    } catch (error) {
      const { name, message } = error instanceof Error ? error : taskError("Error", String(error));
      throw taskError(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
    }
  };
  if (task.Resource.startsWith("arn:aws:lambda:")) {
    return (input) => invoke(task.Resource, input);
  }
  const [, waits] = /^arn:aws:states:::lambda:invoke(\.waitForTaskToken)?$/.exec(task.Resource) ?? ["", null];
  if (waits === null) {
    return () => Promise.reject(runtimeError(`this simulated account cannot run ${task.Resource}`));
  }
  return async (input) => {
    const { FunctionName, Payload } = { FunctionName: "", Payload: {}, ...(input as object) };
    const answer =
      waits === undefined
        ? undefined
        : tokens.answerTo(input, task.TimeoutSeconds ?? MAX_TIMEOUT_SECONDS, signal);
    const result = await invoke(FunctionName, Payload);
    return answer ?? { ExecutedVersion: "$LATEST", Payload: result, StatusCode: 200 };
  };
}
