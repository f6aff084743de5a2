// The error that SNS gives for nearly everything it does not like.
import { SimulatedAwsError } from "../account.ts";

export const INVALID = "InvalidParameter";

/** @param what names the parameter, with the reason after it. */
export function invalidParameter(what: string): SimulatedAwsError {
  return new SimulatedAwsError(INVALID, `Invalid parameter: ${what}`);
}
