// Runs a state machine in this process, with a function for each Task: the workflow of AWS without AWS.
//
// What aws-local-stepfunctions 3.0.0 leaves out, and how the definitions are written for it: a child of a Map that
// fails fails the whole Map whatever ToleratedFailurePercentage says (so children catch their errors), EXPRESS
// children run inline with no five-minute limit, payload sizes are not checked, and `$$.Execution.Id` is the same in
// parent and children.
import {
  ExecutionError,
  ExecutionTimeoutError,
  StateMachine,
  type StateMachineDefinition,
} from "aws-local-stepfunctions";

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

export interface RunWorkflowOptions {
  /** Parsed ASL; `${…}` substitutions may be left in it. */
  readonly definition: unknown;
  /** By state name: gets the Payload of the lambda:invoke call, and returns what the function would. */
  readonly handlers: Readonly<Record<string, (event: unknown) => Promise<unknown>>>;
  readonly input: unknown;
  /** Becomes the end of `$$.Execution.Id`. */
  readonly executionName: string;
  /** Milliseconds that every Wait really takes. @default what the definition says */
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

interface States {
  readonly [name: string]: {
    readonly Type: string;
    readonly ItemProcessor?: { readonly States: States };
    readonly Branches?: readonly { readonly States: States }[];
  };
}

/** Every state of a definition, those inside Map and Parallel states too. */
export function allStates(states: States): [string, States[string]][] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, States[string]],
    ...(state.ItemProcessor === undefined ? [] : allStates(state.ItemProcessor.States)),
    ...(state.Branches ?? []).flatMap((branch) => allStates(branch.States)),
  ]);
}

/** A Task calls `lambda:invoke`: its input is {FunctionName, Payload}, its result {Payload}. */
function asTask(handler: (event: unknown) => Promise<unknown>) {
  return async (input: unknown) => {
    const { Payload } = input as { readonly Payload: unknown };
    // Through JSON, as over the wire: what does not survive that must not survive here.
    const answer = await handler(JSON.parse(JSON.stringify(Payload)));
    return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(answer ?? null)) };
  };
}

function overrides(options: RunWorkflowOptions, states: States) {
  const ofType = (type: string) => allStates(states).filter(([, state]) => state.Type === type);
  const each = (type: string, value: number | undefined) =>
    value === undefined ? {} : Object.fromEntries(ofType(type).map(([name]) => [name, value]));
  const missing = ofType("Task").filter(([name]) => options.handlers[name] === undefined);
  if (missing.length > 0) {
    throw new WorkflowError(
      "States.Runtime",
      `no handler for ${missing.map(([name]) => name).join(", ")}: expected one for each Task`,
    );
  }
  return {
    taskResourceLocalHandlers: Object.fromEntries(
      Object.entries(options.handlers).map(([name, handler]) => [name, asTask(handler)]),
    ),
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
  const definition = options.definition as StateMachineDefinition;
  const machine = new StateMachine(definition, { validationOptions: { checkArn: false } });
  const id = `arn:aws:states:local:000000000000:execution:scan:${options.executionName}`;
  const run = machine.run(options.input as Parameters<StateMachine["run"]>[0], {
    overrides: overrides(options, definition.States as unknown as States),
    context: { Execution: { Id: id, Name: options.executionName } },
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
    await followed;
  }
}
