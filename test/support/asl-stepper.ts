// Runs a definition one state at a time, so that a property test can interleave executions and decide how each task
// ends. It has no clock: no timeout fires by itself. What it does not know it refuses, and never skips.
import { checkState, type ErrorRule, type State } from "./asl-definition.ts";
import {
  type Context,
  fill,
  holds,
  place,
  runtimeError,
  StateError,
  StepperError,
  select,
} from "./asl-expressions.ts";

/** What AWS takes where a task says nothing. */
const LONGEST_SECONDS = 99_999_999;

export interface StepperOptions {
  /** Parsed ASL. */
  readonly definition: unknown;
  readonly input: unknown;
  /** `$$.Execution.Id`; `$$.Execution.Name` is what follows its last colon. */
  readonly executionId: string;
  /** By state name: gets the Payload of the lambda:invoke call, and returns what the function would. */
  readonly handlers: Readonly<Record<string, (payload: unknown) => Promise<unknown>>>;
  readonly newToken: () => string;
}

type Waiting =
  | { readonly kind: "token"; readonly token: string; readonly timeoutSeconds: number }
  | { readonly kind: "time"; readonly seconds: number };

export class Execution {
  readonly #options: StepperOptions;
  readonly #states: Readonly<Record<string, State>>;
  #status: "running" | "stepping" | "succeeded" | "failed" = "running";
  #name: string;
  #input: unknown;
  #output: unknown;
  #error: { readonly name: string; readonly cause: string } | undefined;
  #waiting: Waiting | undefined;
  /** Of the task that runs or waits, until it is answered. */
  #token: string | undefined;
  /** How often each rule of the state's Retry was used since the state was entered. */
  #retries = new Map<ErrorRule, number>();

  constructor(options: StepperOptions) {
    const { StartAt, States } = options.definition as { StartAt: string; States: Record<string, State> };
    for (const [name, state] of Object.entries(States)) {
      checkState(name, state);
      if (state.Type === "Task" && options.handlers[name] === undefined) {
        throw new StepperError(`${name}: expected a handler, got none`);
      }
    }
    this.#options = options;
    this.#states = States;
    this.#name = StartAt;
    this.#input = copy(options.input);
  }

  get status(): "running" | "succeeded" | "failed" {
    return this.#status === "stepping" ? "running" : this.#status;
  }

  /** The state that is next, or waits; the last one of an execution that has ended. */
  get state(): string {
    return this.#name;
  }

  get waiting(): Waiting | undefined {
    return this.#waiting;
  }

  /** Only of one that succeeded. */
  get output(): unknown {
    return this.#output;
  }

  /** Only of one that failed. */
  get error(): { readonly name: string; readonly cause: string } | undefined {
    return this.#error;
  }

  /** Runs the next state: of a task one attempt. */
  async step(): Promise<void> {
    if (this.#status !== "running" || this.#waiting !== undefined) {
      const now = this.#waiting === undefined ? this.#status : `waiting for ${this.#waiting.kind}`;
      throw new StepperError(`${this.#name}: expected an execution that can go on, got one that is ${now}`);
    }
    this.#status = "stepping";
    try {
      await this.#run(this.#current());
    } catch (error) {
      this.#fail(error);
    } finally {
      if (this.#status === "stepping") this.#status = "running";
    }
  }

  /** Ends a wait for a token with the output {}; it counts while the function still runs, too. */
  wake(token: string): "told" | "gone" {
    if (token !== this.#token) return "gone";
    this.#token = undefined;
    if (this.#waiting !== undefined) this.#resume("token", () => this.#complete({}));
    return "told";
  }

  /** Ends a wait for a token as its timeout would. */
  timeOut(): void {
    this.#resume("token", () => {
      throw new StateError("States.Timeout", "the task was not answered within its timeout");
    });
  }

  /** Ends a wait for time. */
  pass(): void {
    this.#resume("time", () => this.#leave(this.#input));
  }

  #resume(kind: Waiting["kind"], goOn: () => void): void {
    if (this.#waiting?.kind !== kind) throw new StepperError(`${this.#name}: does not wait for ${kind}`);
    this.#waiting = undefined;
    this.#token = undefined;
    try {
      goOn();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #run(state: State): Promise<void> {
    switch (state.Type) {
      case "Task":
        return await this.#attempt(state);
      case "Choice": {
        const rule = state.Choices?.find((each) => holds(each, this.#input, this.#context()));
        const next = rule?.Next ?? state.Default;
        if (next === undefined) throw new StateError("States.NoChoiceMatched", "no rule applies");
        return this.#enter(next, this.#input);
      }
      case "Wait":
        this.#waiting = { kind: "time", seconds: this.#seconds(state.Seconds, state.SecondsPath, 0) };
        return;
      case "Pass":
        return this.#complete("Result" in state ? state.Result : this.#parameters(state, this.#context()));
      case "Succeed":
        return this.#leave(this.#input);
      default:
        throw new StateError(state.Error ?? "", state.Cause ?? "");
    }
  }

  async #attempt(state: State): Promise<void> {
    const waits = state.Resource?.endsWith(".waitForTaskToken");
    const token = waits ? this.#options.newToken() : undefined;
    const timeoutSeconds = this.#seconds(
      state.TimeoutSeconds ?? LONGEST_SECONDS,
      state.TimeoutSecondsPath,
      1,
    );
    const { Payload } = this.#parameters(state, this.#context(token)) as { readonly Payload?: unknown };
    this.#token = token;
    let answer: unknown;
    try {
      answer = copy(await this.#options.handlers[this.#name]?.(copy(Payload)));
    } catch (error) {
      if (token === undefined || this.#token === token) throw error;
    }
    if (token === undefined) this.#complete({ StatusCode: 200, Payload: answer });
    else if (this.#token === token) this.#waiting = { kind: "token", token, timeoutSeconds };
    else this.#complete({});
  }

  /** The state has its result. */
  #complete(result: unknown): void {
    const { ResultSelector, ResultPath } = this.#current();
    const selected = ResultSelector === undefined ? result : fill(ResultSelector, result, this.#context());
    this.#leave(place(this.#input, ResultPath, selected));
  }

  #leave(output: unknown): void {
    const { Next } = this.#current();
    if (Next === undefined) {
      this.#status = "succeeded";
      this.#output = output;
    } else this.#enter(Next, output);
  }

  #enter(name: string, input: unknown): void {
    this.#name = name;
    this.#input = input;
    this.#retries = new Map();
  }

  /** Once more, on another way, or the end of the execution. */
  #fail(thrown: unknown): void {
    if (thrown instanceof StepperError) throw thrown;
    const { name = "Error", message = String(thrown) } = (thrown ?? {}) as Partial<Error>;
    const { Retry = [], Catch = [] } = this.#current();
    const matches = ({ ErrorEquals }: ErrorRule) =>
      name !== "States.Runtime" && (ErrorEquals.includes(name) || ErrorEquals.includes("States.ALL"));
    this.#token = undefined;
    const retry = Retry.find(matches);
    const used = (retry && this.#retries.get(retry)) ?? 0;
    if (retry !== undefined && used < (retry.MaxAttempts ?? 3)) {
      this.#retries.set(retry, used + 1);
      return;
    }
    const rule = Catch.find(matches);
    if (rule === undefined) {
      this.#status = "failed";
      this.#error = { name, cause: message };
      return;
    }
    // As our interpreter has it; AWS puts a function's error into the Cause as JSON text.
    this.#enter(rule.Next, place(this.#input, rule.ResultPath, { Error: name, Cause: message }));
  }

  #current(): State {
    const state = this.#states[this.#name];
    if (state === undefined) throw new StepperError(`${this.#name}: expected a state, got none of that name`);
    return state;
  }

  #context(token?: string): Context {
    const { executionId: Id } = this.#options;
    return {
      Execution: { Id, Name: Id.split(":").at(-1) },
      Task: token === undefined ? {} : { Token: token },
    };
  }

  #parameters({ Parameters }: State, context: Context): unknown {
    return Parameters === undefined ? this.#input : fill(Parameters, this.#input, context);
  }

  #seconds(said: number | undefined, path: string | undefined, least: number): number {
    const seconds = path === undefined ? said : select(path, this.#input, this.#context());
    if (typeof seconds === "number" && Number.isInteger(seconds) && seconds >= least) return seconds;
    throw runtimeError(`${this.#name}: expected an integer ≥ ${least}, got ${JSON.stringify(seconds)}`);
  }
}

/** As over the wire: nothing is shared, and what is no JSON is lost. */
function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
