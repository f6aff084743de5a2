// What a simulated AWS service is to the server: named operations over plain values. The protocols turn
// requests into such values and results (or errors) back into what the service really sends.
import type * as z from "zod";
import { SimulatedAwsError } from "../account.ts";

/** Service names as IAM and the call counts use them. */
export type ServiceName =
  | "sqs"
  | "cloudwatch"
  | "logs"
  | "lambda"
  | "tag"
  | "sns"
  | "sts"
  | "scheduler"
  | "states"
  | "dynamodb";

/** Takes the request's parameters as parsed by the protocol, not yet checked. Dates in the result are times. */
export type Operation = (input: Record<string, unknown>) => unknown;

/** An error's code as the service's clients know it. */
export interface ErrorCode {
  readonly code: string;
  readonly httpStatus: number;
}

export interface Service {
  readonly name: ServiceName;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly throttled: ErrorCode;
  readonly accessDenied: ErrorCode;
  readonly unknownOperation: ErrorCode;
}

/**
 * Makes an operation whose parameters are checked by a schema first.
 * @param code what this service calls a parameter that breaks its rules.
 */
export function checked<Schema extends z.ZodType>(
  code: string,
  schema: Schema,
  run: (input: z.output<Schema>) => unknown,
): Operation {
  return (input) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) {
      return run(parsed.data);
    }
    const problems = parsed.error.issues.map(
      ({ path, message }) =>
        `Value at '${path.map(String).join(".")}' failed to satisfy constraint: ${message}`,
    );
    const detected = `${problems.length} validation error${problems.length === 1 ? "" : "s"} detected`;
    throw new SimulatedAwsError(code, `${detected}: ${problems.join("; ")}`);
  };
}
