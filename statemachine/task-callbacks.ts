// Task tokens of this process: what SendTaskSuccess and the timeout of a task are on AWS.

export class TaskCallbacks {
  readonly #waiting = new Map<string, PromiseWithResolvers<unknown>>();

  /** A token that can be answered once, from now on. Nobody can guess it, or have it from an earlier process. */
  issue(): string {
    const token = crypto.randomUUID();
    const answer = Promise.withResolvers<unknown>();
    // It may be rejected while nobody looks at it yet.
    answer.promise.catch(() => {});
    this.#waiting.set(token, answer);
    return token;
  }

  /** What ends the task that has this token; to be asked for before anybody can have answered. */
  answerTo(token: string): Promise<unknown> {
    const answer = this.#waiting.get(token);
    if (answer === undefined) throw new Error("expected a token that waits for its answer");
    return answer.promise;
  }

  /** Ends the waiting task with the output {}. `gone`: it waits no longer, or never did. */
  wake(token: string): "told" | "gone" {
    const answer = this.#take(token);
    answer?.resolve({});
    return answer === undefined ? "gone" : "told";
  }

  /** Ends the waiting task as its timeout would. */
  expire(token: string): void {
    const error = new Error("the task was not answered within its timeout");
    error.name = "States.Timeout";
    this.#take(token)?.reject(error);
  }

  /** The task has ended for another reason. False when it had been answered. */
  withdraw(token: string): boolean {
    return this.#take(token) !== undefined;
  }

  #take(token: string): PromiseWithResolvers<unknown> | undefined {
    const answer = this.#waiting.get(token);
    this.#waiting.delete(token);
    return answer;
  }
}
