// Finding log groups by name or ARN.
import { type SimulatedAccount, SimulatedAwsError, type SimulatedLogGroup } from "../account.ts";

/** `arn:aws:logs:region:account:log-group:NAME[:*]` or a name → the name. */
function logGroupNameOf(identifier: string): string {
  return identifier.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, "").replace(/:\*$/, "");
}

/** @throws SimulatedAwsError ResourceNotFoundException. */
export function findLogGroup(account: SimulatedAccount, identifier: string): SimulatedLogGroup {
  const name = logGroupNameOf(identifier);
  const found = account.logGroups().find((group) => group.name === name);
  if (found === undefined) {
    const message = `The specified log group does not exist: ${name}`;
    throw new SimulatedAwsError("ResourceNotFoundException", message);
  }
  return found;
}
