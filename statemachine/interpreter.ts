// Runs a state machine in this process, with a function for each Task: the workflow of AWS without AWS.
//
// What aws-local-stepfunctions 3.0.0 leaves out, and how the definitions are written for it: a child of a Map that
// fails fails the whole Map whatever ToleratedFailurePercentage says (so children catch their errors), EXPRESS
// children run inline with no five-minute limit, payload sizes are not checked, and `$$.Execution.Id` is the same in
// parent and children. `IsPresent: false` never matches and `ResultPath: "$"` makes a field named `$`, so neither is
// used; States.TaskFailed would match a callback's States.Timeout too.
import {
  ExecutionError,
  ExecutionTimeoutError,
  StateMachine,
  type StateMachineDefinition,
} from "aws-local-stepfunctions";
import { type Definition, localDefinition } from "./local-definition.ts";
import { fatal, type LocalTaskOptions, localTasks, TOKEN_PLACE } from "./local-tasks.ts";
import { allStates, type State, waitsForCallback } from "./states.ts";

export { allStates } from "./states.ts";

type Phase = "entered" | "succeeded" | "failed" | "retried" | "caught";

/** What happened to one state. */
export interface WorkflowStep {
  readonly state: string;
  readonly phase: Phase;
  /** Present inside the Map over batches. */
  readonly batchKey?: string;
  /** What the state was given. */
  readonly input: unknown;
  /** What it gave; only when it succeeded. */
  readonly output?: unknown;
  /** Name and cause of the error; only when it failed. */
  readonly error?: { readonly name: string; readonly cause: string };
}

export interface RunWorkflowOptions extends LocalTaskOptions {
  /** Parsed ASL; `${…}` substitutions may be left in it. */
  readonly definition: unknown;
  readonly input: unknown;
  /** Becomes the end of `$$.Execution.Id`. */
  readonly executionName: string;
  /** The state machine's name in `$$.Execution.Id`. @default "scan" */
  readonly machineName?: string;
  /** Milliseconds that every Wait really takes, without `onWait`. @default what the definition says */
  readonly waitMs?: number;
  /** Milliseconds before a retry. @default what the definition says */
  readonly retryMs?: number;
  readonly onStep?: (step: WorkflowStep) => void;
  /** Stops the workflow after the running steps. */
  readonly signal?: AbortSignal;
}

/** The workflow failed: `name` is the error's name as Step Functions reports it, `cause` the error thrown. */
export class WorkflowError extends Error {
  override readonly name: string;

  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** What this process cannot run, or would run otherwise than AWS. */
function refuse({ handlers, callbacks, onWait }: RunWorkflowOptions, states: [string, State][]): void {
  const check = (problem: string, expected: string, applies: (state: State, name: string) => boolean) => {
    const names = states.filter(([name, state]) => applies(state, name)).map(([name]) => name);
    if (names.length === 0) return;
    throw new WorkflowError("States.Runtime", `${problem} ${names.join(", ")}: expected ${expected}`);
  };
  check("no handler for", "one for each Task", (state, name) => {
    return state.Type === "Task" && handlers[name] === undefined;
  });
  check("no callbacks for", "them with .waitForTaskToken", (state) => {
    return waitsForCallback(state) && callbacks === undefined;
  });
  check("nobody could answer", "$$.Task.Token in its Parameters", (state) => {
    return waitsForCallback(state) && !JSON.stringify(state.Parameters ?? {}).includes("$$.Task.Token");
  });
  check("no number of seconds in", "Seconds or SecondsPath", (state) => {
    if (state.Type !== "Wait" || onWait === undefined) return false;
    return state.Seconds === undefined && state.SecondsPath === undefined;
  });
}

function overrides(options: RunWorkflowOptions, states: [string, State][], stopped: Promise<never>) {
  const each = (type: string, value: number | undefined) =>
    value === undefined
      ? {}
      : Object.fromEntries(states.filter(([, state]) => state.Type === type).map(([name]) => [name, value]));
  return {
    taskResourceLocalHandlers: localTasks(states, options, stopped),
    waitTimeOverrides: each("Wait", options.waitMs),
    retryIntervalOverrides: each("Task", options.retryMs),
  } as NonNullable<NonNullable<Parameters<StateMachine["run"]>[1]>["overrides"]>;
}

type Run = ReturnType<StateMachine["run"]>;
type RunEvent = Run["eventLogs"] extends AsyncGenerator<infer Event> ? Event : never;

const PHASES: Partial<Record<RunEvent["type"], Phase>> = {
  StateEntered: "entered",
  StateExited: "succeeded",
  StateFailed: "failed",
  StateRetried: "retried",
  StateCaught: "caught",
};

function toStep(event: RunEvent): WorkflowStep | undefined {
  const phase = PHASES[event.type];
  if (phase === undefined || !("state" in event)) return undefined;
  const { name: state, input, output } = event.state;
  const batchKey = (input as { readonly batchKey?: unknown } | null)?.batchKey;
  return {
    state,
    phase,
    input,
    ...(typeof batchKey === "string" ? { batchKey } : {}),
    ...(phase === "succeeded" ? { output } : {}),
    ...("Error" in event ? { error: { name: event.Error, cause: String(event.Cause) } } : {}),
  };
}

/** Events are handed on as they come; the last ones before the result is returned. */
async function follow(run: Run, onStep: (step: WorkflowStep) => void): Promise<void> {
  for await (const event of run.eventLogs) {
    const step = toStep(event);
    if (step !== undefined) onStep(step);
  }
}

function asWorkflowError(error: unknown): WorkflowError {
  if (error instanceof ExecutionTimeoutError) {
    return new WorkflowError("States.Timeout", "the workflow did not end within its TimeoutSeconds");
  }
  const thrown = error instanceof ExecutionError ? error.cause : error;
  return thrown instanceof Error || isErrorLike(thrown)
    ? new WorkflowError(thrown.name, thrown.message, { cause: thrown })
    : new WorkflowError("States.Runtime", String(thrown), { cause: thrown });
}

/** Jest's errors are of another realm, where `instanceof Error` is false. */
function isErrorLike(value: unknown): value is Error {
  return typeof value === "object" && value !== null && "name" in value && "message" in value;
}

/**
 * Runs a workflow to its end and returns its output.
 * @throws WorkflowError with the name, message and cause of the error that ended it.
 */
export async function runWorkflow(options: RunWorkflowOptions): Promise<unknown> {
  const definition = options.definition as Definition;
  const states = allStates(definition.States);
  refuse(options, states);
  const local = localDefinition(definition, { waitsAsTasks: options.onWait !== undefined });
  const machine = new StateMachine(local as unknown as StateMachineDefinition, {
    validationOptions: { checkArn: false },
  });
  const { executionName: name, machineName = "scan" } = options;
  const stop = Promise.withResolvers<never>();
  stop.promise.catch(() => {});
  const run = machine.run(options.input as Parameters<StateMachine["run"]>[0], {
    overrides: overrides(options, states, stop.promise),
    context: {
      Execution: { Id: `arn:aws:states:local:000000000000:execution:${machineName}:${name}`, Name: name },
      Task: { Token: TOKEN_PLACE },
    },
  });
  const abort = () => run.abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  const followed = follow(run, options.onStep ?? (() => {}));
  try {
    return await run.result;
  } catch (error) {
    throw asWorkflowError(error);
  } finally {
    options.signal?.removeEventListener("abort", abort);
    stop.reject(fatal("States.TaskFailed", "the workflow has ended"));
    await followed;
  }
}
