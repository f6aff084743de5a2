// What the scan may read in the account it watches, by the state that reads it. There is no other access, and
// none of it changes anything; sampling (off by default) is the one exception and says so.
import { Aws, Validations } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { SAMPLE_TAG } from "../core/detect/sampling.ts";

/** Actions on resources of one kind, of which the account's owners may have any. */
export interface Access {
  readonly actions: readonly string[];
  /** Service and resource of the ARN; absent where AWS scopes the actions to no resource. */
  readonly on?: readonly [service: string, resource: string];
  /** Why the resource is not narrower. */
  readonly reason: string;
  /** Tag that the resource must carry. */
  readonly tag?: string;
}

/** Discover: mappings, queues and functions. */
export const discoveryAccess: readonly Access[] = [
  {
    actions: ["lambda:ListEventSourceMappings"],
    reason: "AWS scopes the listing of mappings to no resource.",
  },
  {
    actions: ["lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"],
    on: ["lambda", "function:*"],
    reason: "Any function of the account may consume a queue; read only.",
  },
  {
    actions: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"],
    on: ["sqs", "*"],
    reason: "Any queue of the account may feed a function; read only.",
  },
];

/** Discover, for functions whose events come with no queue between. */
export const asyncSourcesAccess: readonly Access[] = [
  { actions: ["cloudwatch:ListMetrics"], reason: "Metrics have no ARN." },
  {
    actions: ["lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy"],
    on: ["lambda", "function:*"],
    reason: "Any function of the account may get asynchronous events; read only.",
  },
];

/** Measure: metrics. */
export const metricsAccess: readonly Access[] = [
  { actions: ["cloudwatch:GetMetricData"], reason: "Metrics have no ARN." },
];

/**
 * Measure with sampling. ReceiveMessage is a receive; ChangeMessageVisibility gives the message straight back.
 * A dead-letter queue needs the tag itself.
 */
export const samplingAccess: readonly Access[] = [
  {
    actions: ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"],
    on: ["sqs", "*"],
    reason: "Any queue of the account may opt in, by its tag.",
    tag: SAMPLE_TAG,
  },
];

/** StartQueries, and CollectDeliveries for queries that found no room at first: Logs Insights. */
export const queryAccess: readonly Access[] = [
  {
    actions: ["logs:StartQuery"],
    on: ["logs", "log-group:*"],
    reason: "A function names its own log group, so any group may hold its deliveries; read only.",
  },
];

/** CollectDeliveries: the results of those queries. */
export const queryResultsAccess: readonly Access[] = [
  {
    actions: ["logs:GetQueryResults", "logs:StopQuery"],
    reason: "AWS scopes these to no resource; they need the id of a query of this account.",
  },
];

/** Gives a role that access, and cdk-nag the reason for each wildcard. */
export function grantAccess(role: Role, access: readonly Access[]): void {
  for (const { actions, on, reason, tag } of access) {
    role.addToPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [arn(on, { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID })],
        ...(tag !== undefined && { conditions: { StringEquals: { [`aws:ResourceTag/${tag}`]: "true" } } }),
      }),
    );
    // How cdk-nag writes the same ARN.
    const written = arn(on, {
      partition: "<AWS::Partition>",
      region: "<AWS::Region>",
      account: "<AWS::AccountId>",
    });
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${written}]`, reason });
  }
}

function arn(
  on: Access["on"],
  where: { readonly partition: string; readonly region: string; readonly account: string },
): string {
  if (on === undefined) return "*";
  const [service, resource] = on;
  return `arn:${where.partition}:${service}:${where.region}:${where.account}:${resource}`;
}
