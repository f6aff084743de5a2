// What the template asks for at deployment, so that one that was written once serves everybody. Only what fits in
// where it is used: mode and schedule are no parameters, because resources, window and alarms follow from them.
import { Aws, CfnCondition, CfnParameter, type CfnParameterProps, Fn, type Stack, Token } from "aws-cdk-lib";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { LONGEST_ADDRESS, RETENTION_DAYS, type StackConfiguration } from "../infra/configuration.ts";
import { Doubletake } from "../infra/doubletake.ts";

/** Where `aws s3 cp` puts the zips, unless told otherwise. */
export const DEFAULT_PREFIX = "doubletake/";

/**
 * One address that the functions accept too, in whose environment it stands: never more than what Zod takes for one.
 * Nothing in it needs escaping in JSON, into which CloudFormation puts it as it is.
 */
export const ONE_ADDRESS =
  "^([A-Za-z0-9_'+-]+\\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9-]*\\.)+[A-Za-z]{2,}$";

const NOTIFY_EMAIL = "NotifyEmail";

export interface TemplateParameter {
  readonly name: string;
  readonly meaning: string;
  readonly declaration: CfnParameterProps;
  /** Puts its value into the stack, where the configuration cannot hold one that is not known yet. */
  readonly use?: (stack: Stack, parameter: CfnParameter) => void;
}

/** Context in which the address that nobody gave is a reference to the parameter. */
export const withAskedAddress = (context: Readonly<Record<string, unknown>>) => ({
  ...context,
  notifyEmail: Fn.ref(NOTIFY_EMAIL),
});

/** Those that a stack needs whose configuration says the rest. */
export function parametersFor(configuration: StackConfiguration): TemplateParameter[] {
  const { mode, approvalPage, pageConcurrency, logRetentionDays, permissionsBoundary } = configuration;
  return [
    {
      name: "AssetsBucket",
      meaning:
        "bucket in the Region of the stack that holds the zips; whoever deploys must be able to read it",
      declaration: {},
    },
    {
      name: "AssetsPrefix",
      meaning: "what stands before the names of the zips in the bucket, with its slash",
      declaration: { default: DEFAULT_PREFIX },
    },
    ...(configuration.notifyEmail.some((text) => Token.isUnresolved(text)) ? [notifyEmail] : []),
    logRetention(logRetentionDays),
    ...(permissionsBoundary === undefined ? [boundary] : []),
    ...(mode !== "observe" && approvalPage ? [concurrency(pageConcurrency)] : []),
  ];
}

const notifyEmail: TemplateParameter = {
  name: NOTIFY_EMAIL,
  meaning:
    "one address: gets the digest, and, where the template names nobody else for them, alarms and requests for approval",
  declaration: {
    allowedPattern: ONE_ADDRESS,
    maxLength: LONGEST_ADDRESS,
    constraintDescription: "must be one e-mail address, such as team@example.org",
  },
};

const logRetention = (days: number): TemplateParameter => ({
  name: "LogRetentionDays",
  meaning: "days for which Doubletake's own logs are kept",
  declaration: { type: "Number", default: days, allowedValues: RETENTION_DAYS.map(String) },
  use: (stack, { valueAsNumber }) => {
    for (const part of stack.node.findAll()) {
      if (part instanceof CfnLogGroup) part.retentionInDays = valueAsNumber;
    }
  },
});

const boundary: TemplateParameter = {
  name: "PermissionsBoundary",
  meaning:
    "name of a managed policy of the account, with its path, that bounds every role; empty = none does",
  declaration: {
    default: "",
    allowedPattern: "^(([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]+)?$",
    constraintDescription: "must be the name of a managed policy, not its ARN",
  },
  use: (stack, { valueAsString }) => {
    const { managedPolicyArn } = ManagedPolicy.fromManagedPolicyName(stack, "Boundary", valueAsString);
    const arn = unless(stack, "IsBounded", [valueAsString, ""], managedPolicyArn).toString();
    PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyArn(stack, "BoundaryIfAny", arn));
  },
};

const concurrency = (requests: number): TemplateParameter => ({
  name: "PageConcurrency",
  meaning:
    "requests that the approval page answers at once, kept aside from the account's Lambda concurrency; 0 = none kept aside, where the account's limit is too low for it",
  declaration: { type: "Number", default: requests, minValue: 0, maxValue: 100 },
  use: (stack, { valueAsNumber, valueAsString }) => {
    const approvals = approvalsOf(stack);
    approvals.reservedConcurrentExecutions = Token.asNumber(
      unless(stack, "KeepsConcurrencyAside", [valueAsString, "0"], valueAsNumber),
    );
  },
});

/** The value, or no property at all where both texts are the same. */
function unless(stack: Stack, condition: string, [one, other]: readonly [string, string], value: unknown) {
  const { logicalId } = new CfnCondition(stack, condition, {
    expression: Fn.conditionNot(Fn.conditionEquals(one, other)),
  });
  return Fn.conditionIf(logicalId, value, Aws.NO_VALUE);
}

function approvalsOf(stack: Stack): CfnFunction {
  const made = stack.node.children.find((part) => part instanceof Doubletake);
  const approvals = made?.remediation?.endpoint.approvals.function.node.defaultChild;
  if (approvals === undefined) throw new Error("expected a stack with an approvals function");
  return approvals as CfnFunction;
}

/** Declares a parameter, and puts its value where it belongs. */
export function addParameter(
  stack: Stack,
  { name, meaning, declaration, use }: TemplateParameter,
): CfnParameter {
  const parameter = new CfnParameter(stack, name, { description: meaning, ...declaration });
  use?.(stack, parameter);
  return parameter;
}

/** For people: name, default and meaning, as rows of a Markdown table. */
export function parameterRows(parameters: readonly TemplateParameter[]): string[] {
  return parameters.map(
    ({ name, meaning, declaration }) => `| \`${name}\` | ${shown(declaration.default)} | ${meaning} |`,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "none";
  return value === "" ? "empty" : `\`${value}\``;
}
