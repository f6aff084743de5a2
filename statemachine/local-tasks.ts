// What runs in place of each Task, and of each Wait that takes no real time.
import { type State, waitsForCallback } from "./states.ts";
import type { TaskCallbacks } from "./task-callbacks.ts";

export type Handler = (event: unknown) => Promise<unknown>;

export interface LocalTaskOptions {
  /** By state name: gets the Payload of the lambda:invoke call, and returns what the function would. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** End the tasks that wait for an answer, also where that is a timeout: no real time ends them. */
  readonly callbacks?: TaskCallbacks;
  /** Stands for the time of a Wait: the workflow goes on once it has resolved. */
  readonly onWait?: (state: string, seconds: number) => Promise<void>;
}

/** Stands for the token until its task runs: the interpreter has one context for all states. */
export const TOKEN_PLACE = "8d0e6f0c-token-of-the-task-that-runs";

/**
 * By state name.
 * @param stopped rejects once the run is over, so that nothing of it waits any longer.
 */
export function localTasks(
  states: readonly [string, State][],
  { handlers, callbacks, onWait }: LocalTaskOptions,
  stopped: Promise<never>,
): Record<string, Handler> {
  const taskOf = ([name, state]: [string, State]): Handler | undefined => {
    if (state.Type === "Wait" && onWait !== undefined) return waitTask(name, onWait, stopped);
    const handler = handlers[name];
    if (state.Type !== "Task" || handler === undefined) return undefined;
    if (!waitsForCallback(state)) return lambdaTask(handler);
    return callbacks === undefined ? undefined : callbackTask(handler, callbacks, stopped);
  };
  return Object.fromEntries(
    states.flatMap((entry) => {
      const task = taskOf(entry);
      return task === undefined ? [] : [[entry[0], task]];
    }),
  );
}

/** A Task calls `lambda:invoke`: its input is {FunctionName, Payload}, its result {Payload}. */
function lambdaTask(handler: Handler): Handler {
  return async (input) => {
    const { Payload } = input as { readonly Payload: unknown };
    // Through JSON, as over the wire: what does not survive that must not survive here.
    const answer = await handler(JSON.parse(JSON.stringify(Payload)));
    return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(answer ?? null)) };
  };
}

/** As on AWS an answer counts from when the token is out, though the function is let finish first. */
function callbackTask(handler: Handler, callbacks: TaskCallbacks, stopped: Promise<never>): Handler {
  return async (input) => {
    const { TimeoutSeconds } = input as { readonly TimeoutSeconds?: unknown };
    if (TimeoutSeconds !== undefined) requireInteger(TimeoutSeconds, 1, "TimeoutSecondsPath");
    const token = callbacks.issue();
    const answer = callbacks.answerTo(token);
    try {
      await lambdaTask(handler)(JSON.parse(JSON.stringify(input).replaceAll(TOKEN_PLACE, token)));
    } catch (error) {
      if (callbacks.withdraw(token)) throw error;
    }
    return Promise.race([answer, stopped]).finally(() => callbacks.withdraw(token));
  };
}

function waitTask(
  name: string,
  onWait: NonNullable<LocalTaskOptions["onWait"]>,
  stopped: Promise<never>,
): Handler {
  return async (task) => {
    const { input, seconds } = task as { readonly input: unknown; readonly seconds: unknown };
    await Promise.race([onWait(name, requireInteger(seconds, 0, "SecondsPath")), stopped]);
    return input;
  };
}

function requireInteger(value: unknown, least: number, what: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  throw fatal("States.Runtime", `${what}: expected an integer ≥ ${least}, got ${JSON.stringify(value)}`);
}

/** An error that no Retry and no Catch may match, in the interpreter's own way of saying so. */
export function fatal(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, isRetryable: false, isCatchable: false });
}
