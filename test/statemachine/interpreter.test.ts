import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { runWorkflow, WorkflowError, type WorkflowStep } from "../../statemachine/interpreter.ts";
import { TaskCallbacks } from "../../statemachine/task-callbacks.ts";

const task = (name: string, more: object) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: `\${${name}FunctionArn}`, "Payload.$": "$" },
  OutputPath: "$.Payload",
  ...more,
});

const one = { StartAt: "Work", States: { Work: task("Work", { End: true }) } };
const base = { executionName: "test", input: { n: 1 } };

afterEach(() => {
  jest.useRealTimers();
});

describe("runWorkflow", () => {
  test("gives a handler the payload and the workflow its answer", async () => {
    const handlers = { Work: async (event: unknown) => ({ got: event }) };
    await expect(runWorkflow({ ...base, definition: one, handlers })).resolves.toEqual({ got: { n: 1 } });
  });

  test("passes only what survives JSON, as the wire does", async () => {
    const handlers = { Work: async () => ({ kept: 1, lost: undefined, time: new Date(0) }) };
    await expect(runWorkflow({ ...base, definition: one, handlers })).resolves.toEqual({
      kept: 1,
      time: "1970-01-01T00:00:00.000Z",
    });
  });

  test("refuses to start when a task has no handler", async () => {
    const run = runWorkflow({ ...base, definition: one, handlers: {} });
    await expect(run).rejects.toThrow("no handler for Work: expected one for each Task");
  });

  test("ends with States.Timeout when the workflow takes too long", async () => {
    jest.useFakeTimers();
    const definition = {
      TimeoutSeconds: 30,
      StartAt: "Sleep",
      States: { Sleep: { Type: "Wait", Seconds: 60, End: true } },
    };
    const run = expect(runWorkflow({ ...base, definition, handlers: {} })).rejects.toMatchObject({
      name: "States.Timeout",
    });
    await jest.advanceTimersByTimeAsync(30_000);
    await run;
  });

  test("stops when it is told to", async () => {
    const controller = new AbortController();
    const definition = { StartAt: "Sleep", States: { Sleep: { Type: "Wait", Seconds: 60, End: true } } };
    const run = runWorkflow({
      ...base,
      definition,
      handlers: {},
      signal: controller.signal,
      onStep: () => controller.abort(),
    });
    await expect(run).rejects.toBeInstanceOf(WorkflowError);
    await expect(run).rejects.toMatchObject({ name: "ExecutionAbortedError" });
  });

  test("keeps a thrown value that is no error", async () => {
    const handlers = { Work: () => Promise.reject("just text") };
    const run = runWorkflow({ ...base, definition: one, handlers });
    await expect(run).rejects.toBeInstanceOf(WorkflowError);
  });

  test("reports each step in order, with its input and output", async () => {
    const steps: unknown[] = [];
    const handlers = { Work: async () => "done" };
    await runWorkflow({ ...base, definition: one, handlers, onStep: (step) => steps.push(step) });
    expect(steps).toEqual([
      { state: "Work", phase: "entered", input: { n: 1 } },
      { state: "Work", phase: "succeeded", input: { n: 1 }, output: "done" },
    ]);
  });
});

const ask = (more: object) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Parameters: { FunctionName: "ask", Payload: { "n.$": "$.n", "token.$": "$$.Task.Token" } },
  ResultPath: "$.answer",
  ...more,
});

const asking = (more: object = {}) => ({
  StartAt: "Ask",
  States: {
    Ask: ask({ Next: "Done", ...more }),
    ...("Catch" in more ? { Late: { Type: "Pass", Parameters: { "error.$": "$" }, End: true } } : {}),
    Done: { Type: "Succeed" },
  },
});

/** Nothing that does not wait for somebody is left to do. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A run whose Ask keeps the tokens that it is given. */
function startAsking(definition: unknown, more: Partial<Parameters<typeof runWorkflow>[0]> = {}) {
  const callbacks = new TaskCallbacks();
  const tokens: string[] = [];
  const steps: WorkflowStep[] = [];
  const Ask = async (event: unknown) => {
    tokens.push((event as { token: string }).token);
  };
  const onStep = (step: WorkflowStep) => steps.push(step);
  const run = runWorkflow({ ...base, definition, callbacks, handlers: { Ask }, onStep, ...more });
  run.catch(() => {});
  const token = () => tokens.at(-1) ?? "none yet";
  return { callbacks, tokens, steps, run, token };
}

const retrying = { Retry: [{ ErrorEquals: ["TransientError"], IntervalSeconds: 1, MaxAttempts: 2 }] };
const catching = { Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Late" }] };

function namedError(name: string, message = "as told"): Error {
  return Object.assign(new Error(message), { name });
}

describe("TaskCallbacks", () => {
  test("never gives a token twice", () => {
    const callbacks = new TaskCallbacks();
    const tokens = Array.from({ length: 100 }, () => callbacks.issue());
    expect(new Set(tokens).size).toBe(100);
  });

  test("tells a waiting task once", async () => {
    const callbacks = new TaskCallbacks();
    const token = callbacks.issue();
    const answer = callbacks.answerTo(token);
    expect([callbacks.wake(token), callbacks.wake(token)]).toEqual(["told", "gone"]);
    await expect(answer).resolves.toEqual({});
  });

  test("does not know tokens of others", () => {
    const callbacks = new TaskCallbacks();
    expect(callbacks.wake(new TaskCallbacks().issue())).toBe("gone");
    expect(() => callbacks.answerTo("some token")).toThrow("expected a token that waits for its answer");
  });

  test("an expired token is gone, and a late expiry changes nothing", async () => {
    const callbacks = new TaskCallbacks();
    const expired = callbacks.issue();
    const woken = callbacks.issue();
    const answers = [expired, woken].map((token) => callbacks.answerTo(token));
    callbacks.expire(expired);
    expect(callbacks.wake(expired)).toBe("gone");
    callbacks.wake(woken);
    callbacks.expire(woken);
    await expect(answers[0]).rejects.toMatchObject({ name: "States.Timeout" });
    await expect(answers[1]).resolves.toEqual({});
  });
});

describe("a task that waits for a callback", () => {
  test("goes on with {} when it is woken, and not before", async () => {
    const { callbacks, run, steps, token } = startAsking(asking());
    await settle();
    expect(steps.map(({ state, phase }) => [state, phase])).toEqual([["Ask", "entered"]]);
    expect(callbacks.wake(token())).toBe("told");
    await expect(run).resolves.toEqual({ n: 1, answer: {} });
    expect(callbacks.wake(token())).toBe("gone");
  });

  test("hands the same token wherever its Parameters name it", async () => {
    const events: unknown[] = [];
    const Parameters = {
      FunctionName: "ask",
      Payload: { "token.$": "$$.Task.Token", again: [{ "token.$": "$$.Task.Token" }] },
    };
    const Ask = async (event: unknown) => void events.push(event);
    const { callbacks, run } = startAsking(asking({ Parameters }), { handlers: { Ask } });
    await settle();
    const { token } = events[0] as { token: string };
    expect(events).toEqual([{ token, again: [{ token }] }]);
    callbacks.wake(token);
    await run;
  });

  test("two tasks that wait at once have a token each", async () => {
    const Branches = ["Ask", "AskToo"].map((name) => ({
      StartAt: name,
      States: { [name]: ask({ End: true }) },
    }));
    const definition = { StartAt: "Both", States: { Both: { Type: "Parallel", Branches, End: true } } };
    const tokens: Record<string, string> = {};
    const keep = (name: string) => async (event: unknown) => {
      tokens[name] = (event as { token: string }).token;
    };
    const handlers = { Ask: keep("Ask"), AskToo: keep("AskToo") };
    const { callbacks, run, steps } = startAsking(definition, { handlers });
    await settle();
    callbacks.wake(tokens["AskToo"] ?? "");
    await settle();
    expect(steps.filter(({ phase }) => phase === "succeeded").map(({ state }) => state)).toEqual(["AskToo"]);
    callbacks.wake(tokens["Ask"] ?? "");
    await expect(run).resolves.toHaveLength(2);
  });

  test("fails with States.Timeout when it is told to expire", async () => {
    const { callbacks, run, token } = startAsking(asking());
    await settle();
    callbacks.expire(token());
    await expect(run).rejects.toMatchObject({ name: "States.Timeout" });
  });

  test("an expiry can be caught by name", async () => {
    const { callbacks, run, token } = startAsking(asking(catching));
    await settle();
    callbacks.expire(token());
    await expect(run).resolves.toMatchObject({ error: { Error: "States.Timeout" } });
  });

  test("fails at once when its function does, and its token is gone", async () => {
    const error = namedError("ContractError");
    let token = "";
    const Ask = async (event: unknown) => {
      ({ token } = event as { token: string });
      throw error;
    };
    const { callbacks, run } = startAsking(asking(catching), { handlers: { Ask } });
    await expect(run).rejects.toMatchObject({ name: "ContractError", cause: error });
    expect(callbacks.wake(token)).toBe("gone");
  });

  test("a retry has a token of its own", async () => {
    const tokens: string[] = [];
    const Ask = async (event: unknown) => {
      tokens.push((event as { token: string }).token);
      if (tokens.length === 1) throw namedError("TransientError");
    };
    const { callbacks, run } = startAsking(asking(retrying), { handlers: { Ask }, retryMs: 0 });
    await settle();
    const [first = "", second = ""] = tokens;
    expect(tokens).toHaveLength(2);
    expect([first, second].map((token) => callbacks.wake(token))).toEqual(["gone", "told"]);
    await run;
  });

  test.each([
    { name: "ends well", fail: false },
    { name: "fails", fail: true },
  ])("an answer that comes while its function runs counts, even if that then $name", async ({ fail }) => {
    const callbacks = new TaskCallbacks();
    const Ask = async (event: unknown) => {
      expect(callbacks.wake((event as { token: string }).token)).toBe("told");
      if (fail) throw namedError("ContractError");
    };
    const { run } = startAsking(asking(), { callbacks, handlers: { Ask } });
    await expect(run).resolves.toEqual({ n: 1, answer: {} });
  });

  test.each([
    { name: "no timeout", more: {} },
    { name: "TimeoutSeconds", more: { TimeoutSeconds: 5 } },
    { name: "TimeoutSecondsPath", more: { TimeoutSecondsPath: "$.n" } },
    { name: "a timeout above 2^31 ms", more: { TimeoutSeconds: 31_536_000 } },
  ])("real time does not end it: $name", async ({ more }) => {
    jest.useFakeTimers();
    const definition = { TimeoutSeconds: 31_536_000, ...asking(more) };
    const { callbacks, run, steps, token } = startAsking(definition);
    await jest.advanceTimersByTimeAsync(20 * 86_400_000);
    expect(steps).toHaveLength(1);
    callbacks.wake(token());
    await run;
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each(["$.absent", "$.zero", "$.text"])(
    "a TimeoutSecondsPath %s is an error all the same",
    async (path) => {
      const all = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Late" }] };
      const { run, tokens } = startAsking(asking({ TimeoutSecondsPath: path, ...all }), {
        input: { n: 1, zero: 0, text: "60" },
      });
      await expect(run).rejects.toMatchObject({ name: "States.Runtime" });
      expect(tokens).toEqual([]);
    },
  );

  test("a stopped workflow waits no longer, retries nothing and leaves no timer", async () => {
    jest.useFakeTimers();
    const stop = new AbortController();
    const all = { Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 2 }] };
    const { callbacks, run, token, tokens } = startAsking(asking(all), { signal: stop.signal });
    await jest.advanceTimersByTimeAsync(1000);
    stop.abort();
    await expect(run).rejects.toMatchObject({ name: "ExecutionAbortedError" });
    await jest.advanceTimersByTimeAsync(1000);
    expect(callbacks.wake(token())).toBe("gone");
    expect([tokens.length, jest.getTimerCount()]).toEqual([1, 0]);
  });

  test("is refused without callbacks, and when it hands no token on", async () => {
    const handlers = { Ask: async () => {} };
    await expect(runWorkflow({ ...base, definition: asking(), handlers })).rejects.toThrow(
      "no callbacks for Ask: expected them with .waitForTaskToken",
    );
    const silent = asking({ Parameters: { FunctionName: "ask", Payload: {} } });
    await expect(startAsking(silent).run).rejects.toThrow(
      "nobody could answer Ask: expected $$.Task.Token in its Parameters",
    );
  });
});

describe("onWait", () => {
  const waiting = (wait: object) => ({
    StartAt: "Sleep",
    States: { Sleep: { Type: "Wait", Next: "Done", ...wait }, Done: { Type: "Succeed" } },
  });

  test.each([
    { name: "Seconds", wait: { Seconds: 86_400 }, seconds: 86_400 },
    { name: "SecondsPath", wait: { SecondsPath: "$.watch.seconds" }, seconds: 10_800 },
    { name: "no seconds at all", wait: { SecondsPath: "$.none" }, seconds: 0 },
    { name: "more than a timer can", wait: { Seconds: 3_000_000 }, seconds: 3_000_000 },
  ])("is awaited in place of real time: $name", async ({ wait, seconds }) => {
    jest.useFakeTimers();
    const input = { n: 1, none: 0, watch: { seconds: 10_800 } };
    const definition = waiting(wait);
    const asItWas = structuredClone(definition);
    const told: unknown[] = [];
    const clock = Promise.withResolvers<void>();
    const onWait = (state: string, waited: number) => {
      told.push([state, waited]);
      return clock.promise;
    };
    const { run, steps } = startAsking(definition, { input, onWait, handlers: {} });
    await jest.advanceTimersByTimeAsync(20 * 86_400_000);
    expect(steps.map(({ state, phase }) => [state, phase])).toEqual([["Sleep", "entered"]]);
    clock.resolve();
    await expect(run).resolves.toEqual(input);
    expect(told).toEqual([["Sleep", seconds]]);
    expect(definition).toEqual(asItWas);
  });

  test("is told of a Wait inside a Map too", async () => {
    const inner = { StartAt: "Sleep", States: { Sleep: { Type: "Wait", Seconds: 60, End: true } } };
    const definition = { StartAt: "All", States: { All: { Type: "Map", ItemProcessor: inner, End: true } } };
    const waited: number[] = [];
    const run = runWorkflow({
      ...base,
      definition,
      handlers: {},
      input: ["a", ["b"]],
      onWait: async (_, seconds) => void waited.push(seconds),
    });
    await expect(run).resolves.toEqual(["a", ["b"]]);
    expect(waited).toEqual([60, 60]);
  });

  test("ends the workflow when it fails", async () => {
    const error = namedError("ContractError");
    const onWait = () => Promise.reject(error);
    const { run } = startAsking(waiting({ Seconds: 1 }), { onWait, handlers: {} });
    await expect(run).rejects.toMatchObject({ name: "ContractError", cause: error });
  });

  test("holds no stopped workflow up", async () => {
    const stop = new AbortController();
    const onWait = () => Promise.withResolvers<void>().promise;
    const { run, steps } = startAsking(waiting({ Seconds: 1 }), {
      onWait,
      handlers: {},
      signal: stop.signal,
    });
    await settle();
    stop.abort();
    await expect(run).rejects.toMatchObject({ name: "ExecutionAbortedError" });
    expect(steps.map(({ state }) => state)).toEqual(["Sleep"]);
  });

  test.each([
    { name: "SecondsPath to nothing", wait: { SecondsPath: "$.absent" } },
    { name: "SecondsPath to no integer", wait: { SecondsPath: "$.half" } },
    { name: "a point in time", wait: { Timestamp: "2026-11-23T18:00:00Z" } },
  ])("does not guess: $name", async ({ wait }) => {
    const onWait = jest.fn(async () => {});
    const { run } = startAsking(waiting(wait), { onWait, handlers: {}, input: { half: 0.5 } });
    await expect(run).rejects.toMatchObject({ name: "States.Runtime" });
    expect(onWait).not.toHaveBeenCalled();
  });
});

describe("the execution's name", () => {
  const definition = {
    StartAt: "Work",
    States: {
      Work: {
        ...task("Work", { End: true }),
        Parameters: {
          FunctionName: "work",
          Payload: { "id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name" },
        },
      },
    },
  };

  test.each([
    { machineName: undefined, machine: "scan" },
    { machineName: "remediation", machine: "remediation" },
  ])("is known to the definition, with the machine $machine", async ({ machineName, machine }) => {
    const handlers = { Work: async (event: unknown) => event };
    const more = machineName === undefined ? {} : { machineName };
    await expect(runWorkflow({ ...base, definition, handlers, ...more })).resolves.toEqual({
      id: `arn:aws:states:local:000000000000:execution:${machine}:test`,
      name: "test",
    });
  });
});
