// What holds for every state machine of this project, as tests of one definition.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import aslValidator from "asl-validator";
import * as errors from "../../core/errors.ts";
import { allStates } from "../../statemachine/interpreter.ts";

const ROOT = join(import.meta.dirname, "../..");

interface ErrorRule {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
  readonly ResultPath?: string | null;
  readonly Next?: string;
}

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Seconds?: number;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Resource?: string;
  readonly Parameters?: { readonly FunctionName: string; readonly Payload: Record<string, unknown> };
  readonly Retry?: readonly ErrorRule[];
  readonly Catch?: readonly ErrorRule[];
}

interface Machine {
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

const INVOKE = "arn:aws:states:::lambda:invoke";
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

export const readDefinition = (file: string): Machine =>
  JSON.parse(readFileSync(join(ROOT, "statemachine", file), "utf8"));

/** Those inside a Map too. */
export const statesOf = (definition: Pick<Machine, "States">): [string, State][] =>
  allStates(definition.States as Parameters<typeof allStates>[0]) as unknown as [string, State][];

export const tasksOf = (definition: Pick<Machine, "States">): [string, State][] =>
  statesOf(definition).filter(([, { Type }]) => Type === "Task");

const kebab = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, "-$&").toLowerCase();

/** Folder of the function that a task calls. */
export const folderOf = (state: State): string =>
  kebab(/^\$\{(\w+)FunctionArn\}$/.exec(state.Parameters?.FunctionName ?? "")?.[1] ?? "");

/** Every folder that holds a function's code. */
export const functionFolders = (): string[] =>
  readdirSync(join(ROOT, "functions"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .map((entry) => entry.name)
    .sort();

export interface DefinitionRules {
  readonly definition: Machine;
  /** What a task may be given: keys, counts and times; data lives in the ledger. */
  readonly payloadKeys: readonly string[];
  /** Tasks that are served by another state's function, by name. @default none */
  readonly servedBy?: Readonly<Record<string, string>>;
  /** Tasks that wait for a callback. @default none */
  readonly waiting?: readonly string[];
}

export function describeDefinition(file: string, rules: DefinitionRules): void {
  const { definition, servedBy = {}, waiting = [] } = rules;
  const states = statesOf(definition);
  const tasks = tasksOf(definition);

  describe(`${file}, as every state machine`, () => {
    test("is valid Amazon States Language as it lies", () => {
      const { isValid, errorsText } = aslValidator(definition, { checkArn: true, checkPaths: true });
      expect(errorsText("\n")).toBe("");
      expect(isValid).toBe(true);
    });

    test("the machine has a timeout", () => {
      expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    });

    test.each(tasks)("%s is named after its function's folder", (name, state) => {
      expect(state.Parameters?.FunctionName).toBe(`\${${servedBy[name] ?? name}FunctionArn}`);
      expect(existsSync(join(ROOT, "functions", folderOf(state), "handler.ts"))).toBe(true);
    });

    test.each(tasks)("%s has a timeout and passes only keys on", (name, state) => {
      const isWaiting = waiting.includes(name);
      expect(state.Resource).toBe(isWaiting ? `${INVOKE}.waitForTaskToken` : INVOKE);
      // A constant for work, a path for a person: exactly one of them.
      expect([typeof state.TimeoutSeconds, typeof state.TimeoutSecondsPath]).toEqual(
        isWaiting ? ["undefined", "string"] : ["number", "undefined"],
      );
      const keys = Object.keys(state.Parameters?.Payload ?? {});
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((key) => !rules.payloadKeys.includes(key))).toEqual([]);
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
      const known = [...ownErrors, ...LAMBDA_ERRORS, "States.Timeout", "States.ALL"];
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

    test("state names are unique, also inside a Map", () => {
      const names = states.map(([name]) => name);
      expect(new Set(names).size).toBe(names.length);
    });
  });
}
