import { describe, expect, jest, test } from "@jest/globals";
import { runWorkflow, WorkflowError } from "../../statemachine/interpreter.ts";

const task = (name: string, more: object) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: `\${${name}FunctionArn}`, "Payload.$": "$" },
  OutputPath: "$.Payload",
  ...more,
});

const one = { StartAt: "Work", States: { Work: task("Work", { End: true }) } };
const base = { executionName: "test", input: { n: 1 } };

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
    jest.useRealTimers();
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
