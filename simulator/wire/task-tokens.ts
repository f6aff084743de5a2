// Task tokens of `.waitForTaskToken` tasks: each can be answered once, in time.
import { SimulatedAwsError } from "../account.ts";

const TOKEN = /simulated-task-token-\d+/;

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
  /** On the process's monotonic clock, because the interpreter's timeouts run in real time too. */
  readonly deadlineMs: number;
}

export class TaskTokens {
  #issued = 0;
  /** Undefined once answered. */
  readonly #waiting = new Map<string, Waiting | undefined>();

  issue(): string {
    this.#issued++;
    return `simulated-task-token-${this.#issued}`;
  }

  /**
   * Waits for the answer to the token that a task was given.
   * @param taskInput holds the token somewhere; a task without one never ends before its timeout.
   */
  answerTo(taskInput: unknown, timeoutSeconds: number, signal: AbortSignal): Promise<unknown> {
    const [token] = TOKEN.exec(JSON.stringify(taskInput) ?? "") ?? [];
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (token !== undefined) {
      this.#waiting.set(token, { resolve, reject, deadlineMs: performance.now() + timeoutSeconds * 1000 });
      signal.addEventListener("abort", () => this.#waiting.set(token, undefined));
    }
    return promise;
  }

  succeed(token: string, output: unknown): void {
    this.#find(token).resolve(output);
    this.#waiting.set(token, undefined);
  }

  fail(token: string, error: Error): void {
    this.#find(token).reject(error);
    this.#waiting.set(token, undefined);
  }

  /** @throws SimulatedAwsError unless somebody still waits for this token. */
  checkIsWaiting(token: string): void {
    this.#find(token);
  }

  #find(token: string): Waiting {
    if (!this.#waiting.has(token)) {
      throw new SimulatedAwsError("InvalidToken", `Invalid Token: '${token}'`);
    }
    const waiting = this.#waiting.get(token);
    if (waiting === undefined || performance.now() > waiting.deadlineMs) {
      throw new SimulatedAwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
    }
    return waiting;
  }
}
