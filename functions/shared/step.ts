// The one way a use case becomes a Lambda handler.
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { ContractError, TransientError } from "../../core/errors.ts";
import type { Observability } from "./observability.ts";

/** Left to log and answer when Lambda's limit is near. */
const TIMEOUT_EARLY_MS = 1_000;

/** A handler as Lambda and the interpreter call it. */
export type StepHandler<Output = unknown> = (event: unknown, context: Context) => Promise<Output>;

export interface Step<Input, Output> {
  /** The state that this handler is. */
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly run: (input: Input) => Promise<Output>;
  readonly observability: Observability;
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ContractError(`${what} has an unexpected shape: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}

/** Refuses an event that is not what the state promises. */
function checkInput<Input>(name: string, schema: z.ZodType<Input>): MiddlewareObj {
  return {
    before: (request) => {
      request.event = check(schema, request.event, `the input of ${name}`);
    },
  };
}

/** Refuses an answer that the next state could not use. */
function checkOutput<Output>(name: string, schema: z.ZodType<Output>): MiddlewareObj {
  return {
    after: (request) => {
      request.response = check(schema, request.response, `the output of ${name}`);
    },
  };
}

/**
 * Wraps a use case: observed, input and output checked, and ended with an error of our own shortly before Lambda
 * would end it with none.
 */
export function createStep<Input, Output>(step: Step<Input, Output>): StepHandler<Output> {
  const { name, input, output, observability } = step;
  const wrapped = middy({
    timeoutEarlyInMillis: TIMEOUT_EARLY_MS,
    timeoutEarlyResponse: () => {
      throw new TransientError(`${name} ran out of time`);
    },
  })
    .use([...observability.middlewares])
    .use(checkInput(name, input))
    .use(checkOutput(name, output))
    .handler((event) => step.run(event as Input));
  return (event, context) => Promise.resolve(wrapped(event, context));
}
