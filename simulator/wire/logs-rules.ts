// Rules that all CloudWatch Logs operations share.
import { SimulatedAwsError } from "../account.ts";

/** What CloudWatch Logs calls a parameter that breaks its rules. */
export const INVALID = "InvalidParameterException";

export function refuseToken(): never {
  throw new SimulatedAwsError(INVALID, "The specified nextToken is invalid.");
}

/** Where an operation takes either a name or an identifier: exactly one. */
export function oneOf(name: string | undefined, identifier: string | undefined): string {
  const given = name ?? identifier;
  if (given === undefined || (name !== undefined && identifier !== undefined)) {
    throw new SimulatedAwsError(
      INVALID,
      "Exactly one of logGroupName and logGroupIdentifier must be specified.",
    );
  }
  return given;
}
