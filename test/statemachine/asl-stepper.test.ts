// The stepper against the interpreter that runs the definitions everywhere else: both must come to the same end.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { runWorkflow } from "../../statemachine/interpreter.ts";
import { TaskCallbacks } from "../../statemachine/task-callbacks.ts";
import { Execution } from "../support/asl-stepper.ts";

type Ending = "wake" | "timeOut";

/** What a function does, call by call; the last one again and again. */
type Script = readonly (unknown | Error)[];

interface Case {
  readonly states: Record<string, object>;
  /** @default { n: 1 } */
  readonly input?: unknown;
  /** By state name. @default answers {} */
  readonly scripts?: Readonly<Record<string, Script>>;
  /** How each wait for a token ends, in order. @default it is woken */
  readonly endings?: readonly Ending[];
  /** Name of the error that ends it. @default none does */
  readonly fails?: string;
}

/** How it ended, what each function was given, and the seconds of each Wait. */
interface Told {
  readonly end: { readonly output: unknown } | { readonly name: string; readonly cause: string | undefined };
  readonly calls: readonly (readonly [string, unknown])[];
  readonly waited: readonly number[];
}

const EXECUTION = "arn:aws:states:local:000000000000:execution:scan:test";

/** The words of what Step Functions itself finds wrong are everybody's own. */
const ended = (name: string, cause: string) => ({
  name,
  cause: name.startsWith("States.") ? undefined : cause,
});

const namedError = (name: string) => Object.assign(new Error(`${name} as told`), { name });

/** The tasks of a case as functions that follow their scripts; `onCall` sees each call. */
function scripted({ states, scripts = {} }: Case, onCall: (state: string, payload: unknown) => void) {
  const calls = new Map<string, number>();
  return Object.fromEntries(
    Object.keys(states).map((name) => [
      name,
      async (payload: unknown) => {
        const script = scripts[name] ?? [{}];
        const call = calls.get(name) ?? 0;
        calls.set(name, call + 1);
        onCall(name, payload);
        const answer = script[Math.min(call, script.length - 1)];
        if (answer instanceof Error) throw answer;
        return answer;
      },
    ]),
  );
}

const definitionOf = ({ states }: Case) => ({ StartAt: Object.keys(states)[0] ?? "", States: states });

/** Tokens differ from run to run. */
const withoutToken = (payload: unknown, token: string): unknown =>
  JSON.parse(JSON.stringify(payload).replaceAll(token, "the token"));

async function interpret(example: Case): Promise<Told> {
  const callbacks = new TaskCallbacks();
  const calls: [string, unknown][] = [];
  const waited: number[] = [];
  const endings = [...(example.endings ?? [])];
  const handlers = scripted(example, (state, payload) => {
    const { taskToken: token } = payload as { readonly taskToken?: string };
    calls.push([state, token === undefined ? payload : withoutToken(payload, token)]);
    // Once the function has ended.
    if (token === undefined) return;
    setImmediate(() => {
      const answers = { wake: () => callbacks.wake(token), timeOut: () => callbacks.expire(token) };
      answers[endings.shift() ?? "wake"]();
    });
  });
  const run = runWorkflow({
    definition: definitionOf(example),
    input: example.input ?? { n: 1 },
    executionName: "test",
    handlers,
    callbacks,
    retryMs: 0,
    onWait: async (_, seconds) => void waited.push(seconds),
  });
  const end = await run.then(
    (output) => ({ output }),
    ({ name, message }: Error) => ended(name, message),
  );
  return { end, calls, waited };
}

function execution(example: Case, calls: [string, unknown][] = []): Execution {
  let issued = 0;
  return new Execution({
    definition: definitionOf(example),
    input: example.input ?? { n: 1 },
    executionId: EXECUTION,
    handlers: scripted(example, (state, payload) => calls.push([state, withoutToken(payload, `t${issued}`)])),
    newToken: () => `t${++issued}`,
  });
}

async function stepThrough(example: Case): Promise<Told> {
  const calls: [string, unknown][] = [];
  const waited: number[] = [];
  const endings = [...(example.endings ?? [])];
  const run = execution(example, calls);
  while (run.status === "running") {
    if (run.waiting === undefined) await run.step();
    else if (run.waiting.kind === "time") {
      waited.push(run.waiting.seconds);
      run.pass();
    } else if (endings.shift() === "timeOut") run.timeOut();
    else run.wake(run.waiting.token);
  }
  const { error, output } = run;
  return { end: error === undefined ? { output } : ended(error.name, error.cause), calls, waited };
}

const task = (more: object) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "f", Payload: { "n.$": "$.n" } },
  ...more,
});

const ask = (more: object) => ({
  ...task(more),
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Parameters: { FunctionName: "f", Payload: { "taskToken.$": "$$.Task.Token" } },
});

const done = { Done: { Type: "Succeed" } };
const keep = { Keep: { Type: "Pass", Parameters: { "kept.$": "$" }, End: true } };
const caught = (...ErrorEquals: string[]) => ({ ErrorEquals, ResultPath: "$.error", Next: "Keep" });
const often = (MaxAttempts: number, ...ErrorEquals: string[]) => ({ ErrorEquals, MaxAttempts });
const [A, B, C] = [namedError("A"), namedError("B"), namedError("C")];

const tasks: Record<string, Case> = {
  "its answer": { states: { Work: task({ End: true }) }, scripts: { Work: [{ x: 1 }] } },
  "no answer": { states: { Work: task({ End: true }) }, scripts: { Work: [undefined] } },
  "a part of its answer at a path": {
    states: {
      Work: task({ ResultSelector: { "x.$": "$.Payload.x", y: 2 }, ResultPath: "$.a.b", Next: "Done" }),
      ...done,
    },
    input: { n: 1, a: { c: 3 } },
    scripts: { Work: [{ x: [1] }] },
  },
  "nothing of its answer": { states: { Work: task({ ResultPath: null, End: true }) } },
  "a result without an object to put it in": {
    fails: "States.ResultPathMatchFailure",
    states: { Work: task({ Parameters: { Payload: 1 }, ResultPath: "$.a", End: true }) },
    input: [1],
  },
  "a Payload that points to nothing, in spite of States.ALL": {
    fails: "States.Runtime",
    states: { Work: task({ Catch: [caught("States.ALL")], Next: "Done" }), ...done, ...keep },
    input: { other: 1 },
  },
  "a ResultSelector that points to nothing": {
    fails: "States.Runtime",
    states: { Work: task({ ResultSelector: { "x.$": "$.Payload.x" }, End: true }) },
    scripts: { Work: [{ y: 1 }] },
  },
  "the execution's name": {
    states: {
      Work: task({
        Parameters: { Payload: { "id.$": "$$.Execution.Id", name: [{ "n.$": "$$.Execution.Name" }] } },
        End: true,
      }),
    },
  },
  "an error that nothing matches": {
    fails: "A",
    states: {
      Work: task({ Retry: [often(2, "B")], Catch: [caught("C")], Next: "Done" }),
      ...done,
      ...keep,
    },
    scripts: { Work: [A] },
  },
};

const errors: Record<string, Case> = {
  "retries that help": {
    states: { Work: task({ Retry: [often(2, "A")], End: true }) },
    scripts: { Work: [A, A, "well"] },
  },
  "retries that do not help": {
    fails: "A",
    states: { Work: task({ Retry: [often(2, "A")], End: true }) },
    scripts: { Work: [A] },
  },
  "three retries by default": {
    fails: "A",
    states: { Work: task({ Retry: [{ ErrorEquals: ["A"] }], End: true }) },
    scripts: { Work: [A] },
  },
  "no retry of what is excluded": {
    fails: "A",
    states: { Work: task({ Retry: [often(0, "A"), often(2, "States.ALL")], End: true }) },
    scripts: { Work: [B, A, "well"] },
  },
  "a count for each rule": {
    states: {
      Work: task({ Retry: [often(1, "A"), often(2, "B", "C")], Catch: [caught("B")], Next: "Done" }),
      ...done,
      ...keep,
    },
    scripts: { Work: [B, A, C, B] },
  },
  "a fresh count when the state is entered again": {
    states: {
      Work: task({ Retry: [often(1, "A")], ResultPath: "$.work", Next: "Enough" }),
      Enough: {
        Type: "Choice",
        Choices: [{ Variable: "$.work.Payload", StringEquals: "again", Next: "Work" }],
        Default: "Done",
      },
      ...done,
    },
    scripts: { Work: [A, "again", A, "well"] },
  },
  "the first catcher that matches": {
    states: {
      Work: task({ Catch: [caught("B"), caught("C", "A"), caught("States.ALL")], Next: "Done" }),
      ...done,
      ...keep,
    },
    scripts: { Work: [A] },
  },
  "a catcher of everything": {
    states: { Work: task({ Catch: [caught("States.ALL")], Next: "Done" }), ...done, ...keep },
    scripts: { Work: [C] },
  },
  "an error in place of the input": {
    states: {
      Work: task({ Catch: [{ ErrorEquals: ["A"], Next: "Keep" }], Next: "Done" }),
      ...done,
      ...keep,
    },
    scripts: { Work: [A] },
  },
  "an error that is dropped": {
    states: {
      Work: task({ Catch: [{ ErrorEquals: ["A"], ResultPath: null, Next: "Keep" }], Next: "Done" }),
      ...done,
      ...keep,
    },
    scripts: { Work: [A] },
  },
  "a Fail": { fails: "NotGood", states: { Stop: { Type: "Fail", Error: "NotGood", Cause: "because" } } },
};

const tokens: Record<string, Case> = {
  "one that is woken": {
    states: { Ask: ask({ ResultPath: "$.answer", Next: "Done" }), ...done },
  },
  "one that is woken, with a timeout": {
    states: { Ask: ask({ TimeoutSecondsPath: "$.n", End: true }) },
    input: { n: 60 },
  },
  "one that times out": {
    fails: "States.Timeout",
    states: { Ask: ask({ TimeoutSeconds: 60, End: true }) },
    endings: ["timeOut"],
  },
  "one that times out and is caught": {
    states: { Ask: ask({ Catch: [caught("A"), caught("States.Timeout")], Next: "Done" }), ...done, ...keep },
    endings: ["timeOut"],
  },
  "one that times out and is caught with all else": {
    states: { Ask: ask({ Catch: [caught("States.ALL")], Next: "Done" }), ...done, ...keep },
    endings: ["timeOut"],
  },
  "one that times out and is tried again": {
    states: { Ask: ask({ Retry: [often(1, "States.Timeout")], End: true }) },
    endings: ["timeOut", "wake"],
  },
  "one whose function fails": {
    states: { Ask: ask({ Catch: [caught("A")], Next: "Done" }), ...done, ...keep },
    scripts: { Ask: [A] },
  },
  "one whose function fails once": {
    states: { Ask: ask({ Retry: [often(1, "A")], End: true }) },
    scripts: { Ask: [A, {}] },
  },
  "one after the other": { states: { Ask: ask({ Next: "AskAgain" }), AskAgain: ask({ End: true }) } },
  "one that selects from an empty answer": {
    fails: "States.Runtime",
    states: { Ask: ask({ ResultSelector: { "by.$": "$.by" }, End: true }) },
  },
  "a timeout that points to nothing": {
    fails: "States.Runtime",
    states: {
      Ask: ask({ TimeoutSecondsPath: "$.absent", Catch: [caught("States.ALL")], Next: "Done" }),
      ...done,
      ...keep,
    },
  },
  "a timeout of nothing": {
    fails: "States.Runtime",
    states: { Ask: ask({ TimeoutSecondsPath: "$.n", End: true }) },
    input: { n: 0 },
  },
};

const others: Record<string, Case> = {
  "a Choice that has no way": {
    fails: "States.NoChoiceMatched",
    states: {
      Choose: { Type: "Choice", Choices: [{ Variable: "$.n", NumericGreaterThan: 1, Next: "Done" }] },
      ...done,
    },
  },
  "a Wait": { states: { Sleep: { Type: "Wait", Seconds: 60, Next: "Done" }, ...done } },
  "a Wait as long as the input says": {
    states: { Sleep: { Type: "Wait", SecondsPath: "$.a.n", End: true } },
    input: { a: { n: 7 } },
  },
  "a Wait of nothing": {
    states: { Sleep: { Type: "Wait", SecondsPath: "$.n", End: true } },
    input: { n: 0 },
  },
  "a Wait of no number": {
    fails: "States.Runtime",
    states: { Sleep: { Type: "Wait", SecondsPath: "$.n", End: true } },
    input: { n: "7" },
  },
  "a Pass": { states: { Pass: { Type: "Pass", End: true } } },
  "a Pass with a Result": {
    states: { Pass: { Type: "Pass", Result: { "n.$": "as it is" }, ResultPath: "$.r", End: true } },
  },
  "sums, lengths and texts": {
    states: {
      Pass: {
        Type: "Pass",
        Parameters: {
          "sum.$": "States.MathAdd($.n, -1)",
          "length.$": "States.ArrayLength($.list)",
          "text.$": "States.Format('{} of {}, at last', $.n, $$.Execution.Name)",
          "list.$": "$.list",
          plain: "States.MathAdd",
        },
        ResultPath: "$.passed",
        End: true,
      },
    },
    input: { n: 3, list: [1, [2]] },
  },
  "a sum of no numbers": {
    fails: "States.Runtime",
    states: { Pass: { Type: "Pass", Parameters: { "sum.$": "States.MathAdd($.n, 1)" }, End: true } },
    input: { n: "3" },
  },
};

const choices: Record<string, [rule: object, ...inputs: unknown[]]> = {
  StringEquals: [{ Variable: "$.a.b", StringEquals: "yes" }, { a: { b: "yes" } }, { a: { b: "no" } }, {}],
  NumericGreaterThan: [{ Variable: "$.n", NumericGreaterThan: 2 }, { n: 3 }, { n: 2 }, { n: -1 }],
  BooleanEquals: [{ Variable: "$.n", BooleanEquals: false }, { n: false }, { n: true }],
  IsPresent: [{ Variable: "$.a.b", IsPresent: true }, { a: { b: null } }, { a: {} }, {}, { a: 1 }],
  And: [
    {
      And: [
        { Variable: "$.n", IsPresent: true },
        { Variable: "$.n", NumericGreaterThan: 0 },
      ],
    },
    { n: 1 },
    { n: 0 },
    {},
  ],
  Or: [
    {
      Or: [
        { Variable: "$.n", BooleanEquals: true },
        { Variable: "$.m", BooleanEquals: true },
      ],
    },
    { n: true },
    { n: false, m: true },
    { n: false, m: false },
  ],
  Not: [{ Not: { Variable: "$.n", IsPresent: true } }, {}, { n: 1 }],
};

const definition = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../statemachine/${name}.asl.json`), "utf8"));

/** A look at the logs that ends at once. */
const looks = {
  Measure: [{ candidates: 2 }],
  StartQueries: [{ queries: 1 }],
  CollectDeliveries: [{ pending: 0, running: 0, attempt: 1 }],
};

describe("the stepper comes to the same end as the interpreter", () => {
  const cases = Object.entries({ ...tasks, ...errors, ...tokens, ...others });
  test.each(cases.map(([name, example]) => ({ name, example })))("$name", async ({ example }) => {
    const told = await stepThrough(example);
    expect("name" in told.end ? told.end.name : undefined).toBe(example.fails);
    expect(told).toEqual(await interpret(example));
  });

  const asked = Object.entries(choices).flatMap(([name, [rule, ...inputs]]) =>
    inputs.map((input) => ({ name, rule, input })),
  );
  test.each(asked)("a Choice by $name on $input", async ({ rule, input }) => {
    const Choose = { Type: "Choice", Choices: [{ ...rule, Next: "Keep" }], Default: "Done" };
    const example = { states: { Choose, ...keep, ...done }, input };
    expect(await stepThrough(example)).toEqual(await interpret(example));
  });

  test.each<{ name: string; scripts: Case["scripts"] }>([
    { name: "without candidates", scripts: { Measure: [{ candidates: 0 }] } },
    {
      name: "with queries that take a while",
      scripts: {
        CollectDeliveries: [
          { pending: 2, running: 1, attempt: 1 },
          { pending: 1, running: 0, attempt: 2 },
          { pending: 0, running: 0, attempt: 3 },
        ],
      },
    },
    { name: "that cannot be measured", scripts: { Measure: [A] } },
    { name: "without logs, after tries", scripts: { StartQueries: [namedError("TransientError")] } },
  ])("on a batch of the scan $name", async ({ scripts = {} }) => {
    const example = {
      states: definition("scan").States.Paths.ItemProcessor.States,
      input: { scanId: "s", window: { startMs: 0, endMs: 1 }, batchKey: "0001" },
      scripts: { ...looks, Diagnose: [{ findings: 1 }], ...scripts },
    };
    const told = await stepThrough(example);
    expect(told.end).toHaveProperty("output");
    expect(told).toEqual(await interpret(example));
  });

  test.each<{ name: string; scripts?: Case["scripts"]; endings?: readonly Ending[] }>([
    { name: "that helps" },
    {
      name: "that nobody decides on",
      endings: ["timeOut"],
      scripts: { ConcludeApproval: [{ next: "stop", approvalSeconds: 0 }] },
    },
    { name: "that is rolled back", scripts: { MeasureEffect: [{ next: "roll-back" }] } },
    { name: "that cannot be applied", scripts: { Apply: [namedError("TransientError")] } },
    { name: "whose approvers cannot be asked", scripts: { RequestApproval: [C] } },
  ])("on a change $name", async ({ scripts = {}, endings = [] }) => {
    const example = {
      states: definition("remediation").States,
      input: { changeId: "c" },
      endings,
      scripts: {
        ...looks,
        Revalidate: [{ next: "ask", approvalSeconds: 60 }],
        ConcludeApproval: [{ next: "apply", approvalSeconds: 60 }],
        Apply: [{ next: "confirm" }],
        Confirm: [{ next: "observe", observeSeconds: 10_800 }],
        PrepareEffect: [{ next: "measure", scanId: "s", window: { startMs: 0, endMs: 1 }, batchKey: "0001" }],
        MeasureEffect: [{ next: "close" }],
        ...scripts,
      },
    };
    const told = await stepThrough(example);
    expect(told.end).toHaveProperty("output");
    expect(told).toEqual(await interpret(example));
  });
});

describe("Execution", () => {
  const twice: Case = {
    states: { Ask: ask({ Next: "Sleep" }), Sleep: { Type: "Wait", Seconds: 5, End: true } },
  };

  test("takes one state a step, and waits where the definition does", async () => {
    const run = execution(twice);
    expect([run.status, run.state, run.waiting]).toEqual(["running", "Ask", undefined]);
    await run.step();
    expect(run.waiting).toEqual({ kind: "token", token: "t1", timeoutSeconds: 99_999_999 });
    expect([run.wake("another"), run.wake("t1"), run.wake("t1")]).toEqual(["gone", "told", "gone"]);
    expect([run.state, run.waiting]).toEqual(["Sleep", undefined]);
    await run.step();
    expect(run.waiting).toEqual({ kind: "time", seconds: 5 });
    run.pass();
    expect([run.status, run.state, run.output]).toEqual(["succeeded", "Sleep", {}]);
  });

  test("tells a task's timeout in seconds", async () => {
    const run = execution({
      states: { Ask: ask({ TimeoutSecondsPath: "$.n", End: true }) },
      input: { n: 60 },
    });
    await run.step();
    expect(run.waiting).toMatchObject({ timeoutSeconds: 60 });
  });

  test("a token that timed out is gone", async () => {
    const run = execution({
      states: { Ask: ask({ Catch: [caught("States.Timeout")], Next: "Keep" }), ...keep },
    });
    await run.step();
    run.timeOut();
    expect([run.wake("t1"), run.state]).toEqual(["gone", "Keep"]);
  });

  test.each([
    { name: "ends well", script: [{}] },
    { name: "fails", script: [A] },
  ])("an answer that comes while its function runs counts, even if that then $name", async ({ script }) => {
    const run = execution({ ...twice, scripts: { Ask: script } });
    const stepping = run.step();
    expect(run.wake("t1")).toBe("told");
    await stepping;
    expect([run.status, run.state, run.waiting]).toEqual(["running", "Sleep", undefined]);
  });

  test("a retry takes a step, and a token of its own", async () => {
    const run = execution({
      states: { Ask: ask({ Retry: [often(1, "A")], End: true }) },
      scripts: { Ask: [A, {}] },
    });
    await run.step();
    expect([run.status, run.state, run.waiting, run.wake("t1")]).toEqual([
      "running",
      "Ask",
      undefined,
      "gone",
    ]);
    await run.step();
    expect(run.waiting).toMatchObject({ token: "t2" });
  });

  test("executions are apart", async () => {
    const [one, other] = [execution(twice), execution({ ...twice, input: { n: 2 } })];
    await Promise.all([one.step(), other.step()]);
    one.wake("t1");
    expect([one.state, other.state]).toEqual(["Sleep", "Ask"]);
  });

  test("knows what is absent, as AWS does", async () => {
    const rule = { Variable: "$.absent", IsPresent: false, Next: "Keep" };
    const run = execution({ states: { Choose: { Type: "Choice", Choices: [rule] }, ...keep } });
    await run.step();
    expect(run.state).toBe("Keep");
  });

  test("does only what can be done now", async () => {
    const run = execution(twice);
    expect(() => run.pass()).toThrow("Ask: does not wait for time");
    expect(() => run.timeOut()).toThrow("Ask: does not wait for token");
    const stepping = run.step();
    await expect(run.step()).rejects.toThrow("got one that is stepping");
    await stepping;
    await expect(run.step()).rejects.toThrow("got one that is waiting for token");
    run.timeOut();
    expect(run.error).toMatchObject({ name: "States.Timeout" });
    await expect(run.step()).rejects.toThrow("got one that is failed");
  });

  test.each<{ name: string; state: object; problem: string }>([
    { name: "a Map", state: { Type: "Map", ItemProcessor: {}, End: true }, problem: "got Map" },
    { name: "a Parallel", state: { Type: "Parallel", Branches: [], End: true }, problem: "got Parallel" },
    { name: "an OutputPath", state: task({ OutputPath: "$.x", End: true }), problem: "got OutputPath" },
    { name: "a Timestamp", state: { Type: "Wait", Timestamp: "x", End: true }, problem: "got Timestamp" },
    {
      name: "another service",
      state: task({ Resource: "arn:aws:states:::sqs:sendMessage", End: true }),
      problem: "sqs",
    },
    { name: "no way on", state: task({}), problem: "expected Next or End" },
    {
      name: "a wildcard",
      state: task({ Catch: [caught("States.TaskFailed")], End: true }),
      problem: "TaskFailed",
    },
  ])("refuses what it does not know at once: $name", ({ state, problem }) => {
    expect(() => execution({ states: { Odd: state } })).toThrow(problem);
  });

  test("refuses a Task without a handler", () => {
    const definition = { StartAt: "Work", States: { Work: task({ End: true }) } };
    const options = { definition, input: {}, executionId: EXECUTION, handlers: {}, newToken: () => "t" };
    expect(() => new Execution(options)).toThrow("Work: expected a handler, got none");
  });

  test.each<{ name: string; state: object; problem: string }>([
    { name: "an index", state: { Parameters: { "x.$": "$.a[0]" } }, problem: "path $.a[0]" },
    { name: "an intrinsic", state: { Parameters: { "x.$": "States.UUID()" } }, problem: "States.UUID()" },
    {
      name: "a nested intrinsic",
      state: { Parameters: { "x.$": "States.MathAdd(States.MathAdd(1, 1), 1)" } },
      problem: "got States.MathAdd(1",
    },
    { name: "an index in a ResultPath", state: { ResultPath: "$.a[0]" }, problem: "ResultPath $.a[0]" },
    {
      name: "a comparison",
      state: { Type: "Choice", Choices: [{ Variable: "$.n", StringMatches: "*", Next: "Odd" }] },
      problem: "StringMatches",
    },
    {
      name: "two comparisons",
      state: { Type: "Choice", Choices: [{ Variable: "$.n", IsPresent: true, IsNull: true, Next: "Odd" }] },
      problem: "expected one test",
    },
    { name: "a state that is not there", state: { Next: "Nowhere" }, problem: "Nowhere" },
  ])("refuses what it does not know when it comes to it: $name", async ({ state, problem }) => {
    const { Type = "Pass" } = state as { Type?: string };
    const run = execution({ states: { Odd: { End: Type === "Pass", ...state, Type } } });
    const toTheEnd = async () => {
      while (run.status === "running") await run.step();
    };
    await expect(toTheEnd()).rejects.toThrow(problem);
  });
});
