// Finding a function by any of the names that Lambda's API takes: name, partial ARN or ARN, each with or
// without an alias or version.
import { type SimulatedAccount, SimulatedAwsError, type SimulatedFunction } from "../account.ts";

export interface FoundFunction {
  readonly function: SimulatedFunction;
  /** Alias or version as asked for; undefined when none was. */
  readonly qualifier: string | undefined;
  /** Ends in the qualifier, if any. */
  readonly arn: string;
}

export interface FunctionFinder {
  /** @throws SimulatedAwsError when function, alias or version does not exist. */
  readonly find: (nameOrArn: string, qualifier?: string) => FoundFunction;
  readonly describeAlias: (found: SimulatedFunction, name: string, version: string) => object;
}

const NAME =
  /^(?:(?:arn:aws:lambda:[a-z0-9-]+:)?(\d{12}):function:|function:)?([A-Za-z0-9_-]+)(?::([$A-Za-z0-9_-]+))?$/;

export function createFunctionFinder(account: SimulatedAccount): FunctionFinder {
  const parse = (nameOrArn: string) => {
    const match = NAME.exec(nameOrArn);
    if (match === null) {
      const message = `1 validation error detected: Value '${nameOrArn}' at 'functionName' failed to satisfy constraint: expected a function name or ARN`;
      throw new SimulatedAwsError("ValidationException", message);
    }
    const [, owner = account.accountId, name = "", qualifier] = match;
    return { unqualified: `arn:aws:lambda:${account.region}:${owner}:function:${name}`, qualifier };
  };
  return {
    find(nameOrArn, asked) {
      const parsed = parse(nameOrArn);
      const qualifier = asked ?? parsed.qualifier;
      const arn = qualifier === undefined ? parsed.unqualified : `${parsed.unqualified}:${qualifier}`;
      const found = account.functions().find((candidate) => candidate.arn === parsed.unqualified);
      const known =
        qualifier === undefined ||
        qualifier === "$LATEST" ||
        found?.aliases[qualifier] !== undefined ||
        found?.versions.includes(qualifier);
      if (found === undefined || !known) {
        throw new SimulatedAwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
      }
      return { function: found, qualifier, arn };
    },
    describeAlias: ({ arn }, name, version) => ({
      AliasArn: `${arn}:${name}`,
      Name: name,
      FunctionVersion: version,
      Description: "",
    }),
  };
}
