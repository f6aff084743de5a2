// The interpreter's events as GetExecutionHistory tells them.

/** What this file reads of the interpreter's event log. */
export interface InterpreterEvent {
  readonly type: string;
  readonly state?: {
    readonly name: string;
    readonly type: string;
    readonly input: unknown;
    readonly output?: unknown;
  };
  readonly input?: unknown;
  readonly output?: unknown;
  readonly index?: number;
  readonly parentState?: { readonly name: string };
  readonly Error?: string;
  readonly Cause?: unknown;
}

export interface HistoryEvent {
  readonly type: string;
  readonly [details: string]: unknown;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** @returns undefined for what AWS's history does not tell (retries and catches leave other traces there). */
export function toHistoryEvent(event: InterpreterEvent): HistoryEvent | undefined {
  const failure = { error: event.Error ?? "", cause: text(event.Cause ?? "") };
  const { name = "", type: stateType = "" } = event.state ?? {};
  switch (event.type) {
    case "ExecutionStarted":
      return { type: event.type, executionStartedEventDetails: { input: JSON.stringify(event.input) } };
    case "ExecutionSucceeded":
      return { type: event.type, executionSucceededEventDetails: { output: JSON.stringify(event.output) } };
    case "ExecutionFailed":
      return { type: event.type, executionFailedEventDetails: failure };
    case "ExecutionAborted":
      return { type: event.type, executionAbortedEventDetails: {} };
    case "ExecutionTimeout":
      return { type: "ExecutionTimedOut", executionTimedOutEventDetails: {} };
    case "StateEntered": {
      const stateEnteredEventDetails = { name, input: JSON.stringify(event.state?.input) };
      return { type: `${stateType}StateEntered`, stateEnteredEventDetails };
    }
    case "StateExited": {
      const stateExitedEventDetails = { name, output: JSON.stringify(event.state?.output) };
      return { type: `${stateType}StateExited`, stateExitedEventDetails };
    }
    case "StateFailed":
      return stateType === "Task"
        ? {
            type: "TaskFailed",
            taskFailedEventDetails: { ...failure, resourceType: "lambda", resource: "invoke" },
          }
        : undefined;
    case "MapIterationStarted":
    case "MapIterationSucceeded":
    case "MapIterationFailed": {
      const details = { name: event.parentState?.name ?? "", index: event.index ?? 0 };
      const member = `m${event.type.slice(1)}EventDetails`;
      return { type: event.type, [member]: details };
    }
    default:
      return undefined;
  }
}
