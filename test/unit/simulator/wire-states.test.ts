import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  InvalidToken,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, test } from "@jest/globals";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const ROLE = "arn:aws:iam::123456789012:role/workflow";

function invoking(functionName: string, more: object = {}) {
  return {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: functionName, "Payload.$": "$" },
    OutputPath: "$.Payload",
    End: true,
    ...more,
  };
}
const DOUBLE = { StartAt: "Double", States: { Double: invoking("double") } };
const ASK = {
  StartAt: "Ask",
  States: {
    Ask: invoking("ask", {
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Parameters: { FunctionName: "ask", Payload: { "token.$": "$$.Task.Token" } },
      OutputPath: "$",
      Catch: [{ ErrorEquals: ["Rejected"], Next: "No" }],
    }),
    No: { Type: "Pass", Result: "no", End: true },
  },
};

async function start(definition: object = DOUBLE) {
  const { server, settings } = await startWire();
  const sfn = new SFNClient(settings);
  const create = (name: string, asl: object) =>
    sfn.send(new CreateStateMachineCommand({ name, definition: JSON.stringify(asl), roleArn: ROLE }));
  const { stateMachineArn } = await create("machine", definition);
  const begin = async (input: unknown = {}, name?: string) =>
    (await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })))
      .executionArn;
  const describe = (executionArn: string | undefined) =>
    sfn.send(new DescribeExecutionCommand({ executionArn }));
  /** Asks until the execution has ended; each question is a turn of the event loop. */
  const end = async (executionArn: string | undefined) => {
    for (;;) {
      const execution = await describe(executionArn);
      if (execution.status !== "RUNNING") {
        return execution;
      }
    }
  };
  return { server, sfn, stateMachineArn, create, begin, describe, end };
}

/** A handler that hands its token to the test and a promise for it. */
function tokenTaker() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const handler = async (event: unknown) => {
    resolve((event as { token: string }).token);
  };
  return { token: promise, handler };
}

describe("executions over the wire", () => {
  test("a task runs its registered handler; the history tells the way", async () => {
    const { server, sfn, begin, end } = await start();
    server.registerFunctionHandler("double", async (event) => ({ n: (event as { n: number }).n * 2 }));
    const executionArn = await begin({ n: 21 }, "first");
    expect(await end(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '{"n":42}', name: "first" });
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events?.map(({ id, type }) => [id, type])).toEqual([
      [1, "ExecutionStarted"],
      [2, "TaskStateEntered"],
      [3, "TaskStateExited"],
      [4, "ExecutionSucceeded"],
    ]);
    expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: "Double", input: '{"n":21}' });
  });

  test("a handler's error fails the execution under its own name", async () => {
    const { server, begin, end } = await start();
    server.registerFunctionHandler("double", () => Promise.reject(new RangeError("too far")));
    const execution = await end(await begin());
    expect(execution).toMatchObject({ status: "FAILED", error: "RangeError" });
    expect(JSON.parse(execution.cause ?? "")).toMatchObject({ errorMessage: "too far" });
  });

  test("a task whose function nobody registered fails", async () => {
    const { begin, end } = await start();
    expect(await end(await begin())).toMatchObject({
      status: "FAILED",
      error: "Lambda.ResourceNotFoundException",
    });
  });

  test("a task inside a Map runs once per item", async () => {
    const { server, begin, end } = await start({
      StartAt: "Each",
      States: {
        Each: { Type: "Map", ItemProcessor: DOUBLE, End: true },
      },
    });
    server.registerFunctionHandler("double", async (event) => Number(event) * 2);
    expect((await end(await begin([1, 2, 3]))).output).toBe("[2,4,6]");
  });

  test("same name and input while running is the same execution; anything else is refused", async () => {
    const { server, begin, end } = await start();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    server.registerFunctionHandler("double", () => promise);
    const executionArn = await begin({ n: 1 }, "one");
    expect(await begin({ n: 1 }, "one")).toBe(executionArn);
    await expect(begin({ n: 2 }, "one")).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    resolve({});
    await end(executionArn);
    await expect(begin({ n: 1 }, "one")).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  test.each(["2026-11-23T12:00:00Z", "a b", "a/b", "a{b}", "", "x".repeat(81)])(
    "the name '%s' is illegal",
    async (name) => {
      const { begin } = await start();
      await expect(begin({}, name)).rejects.toBeInstanceOf(InvalidName);
    },
  );

  test("a stopped execution is aborted, with the reason given", async () => {
    const { server, sfn, begin, end } = await start();
    server.registerFunctionHandler("double", () => new Promise(() => undefined));
    const executionArn = await begin();
    await sfn.send(new StopExecutionCommand({ executionArn, error: "Stopped", cause: "by a test" }));
    expect(await end(executionArn)).toMatchObject({
      status: "ABORTED",
      error: "Stopped",
      cause: "by a test",
    });
  });

  test("executions are listed newest first and by status", async () => {
    const { server, sfn, stateMachineArn, begin, end } = await start();
    server.registerFunctionHandler("double", async () => 1);
    await end(await begin({}, "a"));
    await end(await begin({}, "b"));
    const list = async (input: object) =>
      (await sfn.send(new ListExecutionsCommand({ stateMachineArn, ...input }))).executions?.map(
        ({ name }) => name,
      );
    expect(await list({})).toEqual(["b", "a"]);
    expect(await list({ statusFilter: "FAILED" })).toEqual([]);
    expect(await list({ maxResults: 1 })).toEqual(["b"]);
  });
});

describe("task tokens over the wire", () => {
  test("success gives the task its result, once", async () => {
    const { server, sfn, begin, end } = await start(ASK);
    const { token, handler } = tokenTaker();
    server.registerFunctionHandler("ask", handler);
    const executionArn = await begin();
    const taskToken = await token;
    await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"approved":true}' }));
    expect(await end(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '{"approved":true}' });
    const again = new SendTaskSuccessCommand({ taskToken, output: "{}" });
    await expect(sfn.send(again)).rejects.toBeInstanceOf(TaskTimedOut);
    await expect(sfn.send(new SendTaskHeartbeatCommand({ taskToken }))).rejects.toBeInstanceOf(TaskTimedOut);
  });

  test("failure is caught by its name", async () => {
    const { server, sfn, begin, end } = await start(ASK);
    const { token, handler } = tokenTaker();
    server.registerFunctionHandler("ask", handler);
    const executionArn = await begin();
    await sfn.send(new SendTaskFailureCommand({ taskToken: await token, error: "Rejected", cause: "no" }));
    expect(await end(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"no"' });
  });

  test("an answer after the task's timeout comes too late", async () => {
    const { server, sfn, begin, end } = await start({
      StartAt: "Ask",
      States: { Ask: { ...ASK.States.Ask, TimeoutSeconds: 1, Catch: [] } },
    });
    const { token, handler } = tokenTaker();
    server.registerFunctionHandler("ask", handler);
    expect(await end(await begin())).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    const late = new SendTaskSuccessCommand({ taskToken: await token, output: "{}" });
    await expect(sfn.send(late)).rejects.toBeInstanceOf(TaskTimedOut);
  });

  test("the timeout may come from the state's input, by TimeoutSecondsPath", async () => {
    const { server, sfn, begin, end } = await start({
      StartAt: "Ask",
      States: {
        Ask: {
          ...ASK.States.Ask,
          TimeoutSecondsPath: "$.wait.seconds",
          Catch: [
            { ErrorEquals: ["States.TaskFailed"], Next: "No" },
            { ErrorEquals: ["States.Timeout"], ResultPath: null, Next: "Expired" },
          ],
        },
        No: ASK.States.No,
        Expired: { Type: "Pass", End: true },
      },
    });
    const { token, handler } = tokenTaker();
    server.registerFunctionHandler("ask", handler);
    const executionArn = await begin({ wait: { seconds: 1 } });
    expect(await end(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '{"wait":{"seconds":1}}' });
    const late = new SendTaskSuccessCommand({ taskToken: await token, output: "{}" });
    await expect(sfn.send(late)).rejects.toBeInstanceOf(TaskTimedOut);
  });

  test("an answer before the timeout of TimeoutSecondsPath is in time, however long that is", async () => {
    const { server, sfn, begin, end } = await start({
      StartAt: "Ask",
      States: { Ask: { ...ASK.States.Ask, TimeoutSecondsPath: "$.seconds", Catch: [] } },
    });
    const { token, handler } = tokenTaker();
    server.registerFunctionHandler("ask", handler);
    const executionArn = await begin({ seconds: 31_536_000 });
    await sfn.send(new SendTaskSuccessCommand({ taskToken: await token, output: '"yes"' }));
    expect(await end(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"yes"' });
  });

  test.each([0, -1, 1.5, "60"])("a timeout of %j is a failure that nothing catches", async (seconds) => {
    const { server, begin, end } = await start({
      StartAt: "Ask",
      States: {
        Ask: {
          ...ASK.States.Ask,
          TimeoutSecondsPath: "$.seconds",
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "No" }],
        },
        No: ASK.States.No,
      },
    });
    server.registerFunctionHandler("ask", async () => undefined);
    expect(await end(await begin({ seconds }))).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  test("a task without Parameters gets the state's input, and nothing of the timeout", async () => {
    const { server, begin, end } = await start({
      StartAt: "Echo",
      States: {
        Echo: {
          Type: "Task",
          Resource: "arn:aws:lambda:us-east-1:123456789012:function:echo",
          TimeoutSecondsPath: "$.seconds",
          End: true,
        },
      },
    });
    server.registerFunctionHandler("echo", async (event) => event);
    expect(await end(await begin({ seconds: 9 }))).toMatchObject({
      status: "SUCCEEDED",
      output: '{"seconds":9}',
    });
  });

  test("a token nobody issued is invalid", async () => {
    const { sfn } = await start();
    const forged = new SendTaskSuccessCommand({ taskToken: "forged", output: "{}" });
    await expect(sfn.send(forged)).rejects.toBeInstanceOf(InvalidToken);
  });
});

describe("state machines over the wire", () => {
  test("a machine is described and listed; creating the same again changes nothing", async () => {
    const { sfn, stateMachineArn, create } = await start();
    expect((await create("machine", DOUBLE)).stateMachineArn).toBe(stateMachineArn);
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ name: "machine", status: "ACTIVE", type: "STANDARD", roleArn: ROLE });
    expect(JSON.parse(described.definition ?? "")).toEqual(DOUBLE);
    const { stateMachines } = await sfn.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map(({ name }) => name)).toEqual(["machine"]);
  });

  test("a taken name, a broken definition and an illegal name are refused", async () => {
    const { create } = await start();
    await expect(create("machine", ASK)).rejects.toBeInstanceOf(StateMachineAlreadyExists);
    const broken = create("broken", { StartAt: "X", States: {} });
    await expect(broken).rejects.toBeInstanceOf(InvalidDefinition);
    await expect(create("a b", DOUBLE)).rejects.toBeInstanceOf(InvalidName);
  });

  test("what does not exist, and input that is no JSON, are refused", async () => {
    const { sfn, stateMachineArn } = await start();
    const start1 = new StartExecutionCommand({ stateMachineArn: `${stateMachineArn}x` });
    await expect(sfn.send(start1)).rejects.toBeInstanceOf(StateMachineDoesNotExist);
    const start2 = new StartExecutionCommand({ stateMachineArn, input: "{" });
    await expect(sfn.send(start2)).rejects.toBeInstanceOf(InvalidExecutionInput);
    const read = new DescribeExecutionCommand({ executionArn: "arn:x" });
    await expect(sfn.send(read)).rejects.toBeInstanceOf(ExecutionDoesNotExist);
  });
});
