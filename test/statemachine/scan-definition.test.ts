import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import aslValidator from "asl-validator";
import * as errors from "../../core/errors.ts";
import { lastAttempt, POLL_INTERVAL_MS, QUERY_PATIENCE_MS } from "../../core/scan/query-endings.ts";
import { allStates } from "../../statemachine/interpreter.ts";

const ROOT = join(import.meta.dirname, "../..");
const TEXT = readFileSync(join(ROOT, "statemachine/scan.asl.json"), "utf8");
const definition = JSON.parse(TEXT);

interface ErrorRule {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

interface State {
  readonly Type: string;
  readonly Default?: string;
  readonly Seconds?: number;
  readonly TimeoutSeconds?: number;
  readonly Resource?: string;
  readonly Parameters?: { readonly FunctionName: string; readonly Payload: Record<string, unknown> };
  readonly Retry?: readonly ErrorRule[];
  readonly Catch?: readonly ErrorRule[];
}

const states = allStates(definition.States) as unknown as [string, State][];
const tasks = states.filter(([, state]) => state.Type === "Task");
const LAMBDA_ERRORS = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];

/** Runtime names of the error classes, as Step Functions sees them. */
const ownErrors = Object.values(errors)
  .filter((value) => value !== errors.AppError)
  .map((ErrorClass) => new (ErrorClass as new (a: string, b: string) => Error)("x", "y").name);

const kebab = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, "-$&").toLowerCase();

describe("scan.asl.json", () => {
  test("is valid Amazon States Language as it lies", () => {
    const { isValid, errorsText } = aslValidator(definition, { checkArn: true, checkPaths: true });
    expect(errorsText("\n")).toBe("");
    expect(isValid).toBe(true);
  });

  test("ends by itself before the next scan of the default schedule", () => {
    expect(definition.TimeoutSeconds).toBeLessThan(3 * 3600);
  });

  test.each(tasks)("%s is named after its function's folder", (name, state) => {
    expect(state.Parameters?.FunctionName).toBe(`\${${name}FunctionArn}`);
    expect(existsSync(join(ROOT, "functions", kebab(name), "handler.ts"))).toBe(true);
  });

  test("every function's folder is a state", () => {
    const folders = readdirSync(join(ROOT, "functions"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "shared")
      .map((entry) => entry.name);
    expect(folders.sort()).toEqual(tasks.map(([name]) => kebab(name)).sort());
  });

  test.each(tasks)("%s has a timeout and passes only keys on", (_, state) => {
    expect(state.TimeoutSeconds).toBeGreaterThan(0);
    expect(state.Resource).toBe("arn:aws:states:::lambda:invoke");
    const keys = Object.keys(state.Parameters?.Payload ?? {});
    const known = ["scanId.$", "window.$", "batchKey.$", "attempt.$", "scheduledTime.$", "executionId.$"];
    expect(keys.filter((key) => !known.includes(key))).toEqual([]);
  });

  test.each(tasks)("%s retries what may pass, with a ceiling and jitter", (_, state) => {
    const retried = state.Retry?.flatMap((rule) => rule.ErrorEquals);
    expect(retried).toEqual([...LAMBDA_ERRORS, "TransientError"]);
    for (const rule of state.Retry ?? []) {
      expect(rule).toMatchObject({ JitterStrategy: "FULL", MaxDelaySeconds: expect.any(Number) });
    }
  });

  test("every caught or retried name is an error of ours or of AWS", () => {
    const named = states.flatMap(([, { Retry = [], Catch = [] }]) =>
      [...Retry, ...Catch].flatMap((rule) => rule.ErrorEquals),
    );
    const known = [...ownErrors, ...LAMBDA_ERRORS, "States.ALL"];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("States.ALL stands alone and last, and is never retried", () => {
    for (const [, { Retry = [], Catch = [] }] of states) {
      expect(Retry.flatMap((rule) => rule.ErrorEquals)).not.toContain("States.ALL");
      for (const [index, rule] of Catch.entries()) {
        if (!rule.ErrorEquals.includes("States.ALL")) continue;
        expect(rule.ErrorEquals).toEqual(["States.ALL"]);
        expect(index).toBe(Catch.length - 1);
      }
    }
  });

  test("every Choice has a Default", () => {
    const choices = states.filter(([, state]) => state.Type === "Choice");
    expect(choices.length).toBeGreaterThan(0);
    for (const [name, state] of choices) expect([name, typeof state.Default]).toEqual([name, "string"]);
  });

  test("every task of a batch catches everything, so that no batch can fail the Map", () => {
    const inside = allStates(definition.States.Paths.ItemProcessor.States) as unknown as [string, State][];
    for (const [name, state] of inside.filter(([, { Type }]) => Type === "Task")) {
      expect([name, state.Catch?.at(-1)?.ErrorEquals]).toEqual([name, ["States.ALL"]]);
    }
    expect(definition.States.Paths).toMatchObject({ ToleratedFailurePercentage: 100 });
  });

  test("the looks at the queries leave two of an EXPRESS child's five minutes for the rest", () => {
    const wait = states.find(([name]) => name === "WaitForQueries")?.[1];
    expect((wait?.Seconds ?? 0) * 1000).toBe(POLL_INTERVAL_MS);
    expect(lastAttempt(POLL_INTERVAL_MS) * POLL_INTERVAL_MS).toBeLessThanOrEqual(QUERY_PATIENCE_MS);
    expect(QUERY_PATIENCE_MS).toBeLessThanOrEqual(180_000);
  });

  test("state names are unique, also inside the Map", () => {
    const names = states.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
