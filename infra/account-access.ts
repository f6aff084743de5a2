// What the functions may do in the account they watch, by the state that does it. There is no other access, and
// none of it changes anything but sampling (off by default) and the change of a visibility timeout, which say so.
import { Aws, Validations } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { SAMPLE_TAG } from "../core/detect/sampling.ts";
import type { ChangeSettings } from "../core/model/change-settings.ts";
import { MODE_TAG } from "../core/remediate/queue-policy.ts";

/** Actions on resources of one kind, of which the account's owners may have any. */
export interface Access {
  readonly actions: readonly string[];
  /** Service and resources of the ARNs; absent where AWS scopes the actions to no resource. */
  readonly on?: readonly [service: string, ...resources: string[]];
  /** Why the resource is not narrower. */
  readonly reason: string;
  /** Tags that the resource must carry, or must not, in IAM's words. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const tagged = (key: string, value: string) => ({ [`aws:ResourceTag/${key}`]: value });

/** Confirm: how a queue is set. */
export const queueAccess: readonly Access[] = [
  {
    actions: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"],
    on: ["sqs", "*"],
    reason: "Any queue of the account may feed a function; read only.",
  },
];

/** Discover, and whatever checks a plan again before it is decided or applied: mappings, queues and functions. */
export const pathAccess: readonly Access[] = [
  {
    actions: ["lambda:ListEventSourceMappings"],
    reason: "AWS scopes the listing of mappings to no resource.",
  },
  {
    actions: ["lambda:GetFunctionConfiguration"],
    on: ["lambda", "function:*"],
    reason: "Any function of the account may consume a queue; read only.",
  },
  ...queueAccess,
];

/** Discover, on accounts with many queues and functions: it lists them, and asks for the rest one by one. */
export const listingAccess: readonly Access[] = [
  {
    actions: ["lambda:ListFunctions", "sqs:ListQueues", "tag:GetResources"],
    reason: "AWS scopes listings to no resource.",
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

/** Measure, of functions that were throttled: how much concurrency they have reserved. */
export const concurrencyAccess: readonly Access[] = [
  {
    actions: ["lambda:GetFunctionConcurrency"],
    on: ["lambda", "function:*"],
    reason: "Any function of the account may consume a queue; read only.",
  },
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
    conditions: { StringEquals: tagged(SAMPLE_TAG, "true") },
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

/**
 * Apply, and no other function: the one write to the account. IAM cannot narrow it to one attribute; the adapter does.
 * Patterns mean the same to IAM as to the core, and the core asks the same of a queue's tags.
 */
export function changeAccess({
  changeQueues,
  changeTag,
}: Pick<ChangeSettings, "changeQueues" | "changeTag">): readonly Access[] {
  return [
    {
      actions: ["sqs:SetQueueAttributes"],
      on: ["sqs", ...changeQueues],
      reason: "changeQueues says which queues may be changed; their tags may narrow it further.",
      conditions: {
        // A queue without this tag passes: a negated operator is true where its key is absent.
        // @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        StringNotEquals: tagged(MODE_TAG, "observe"),
        ...(changeTag !== undefined && { StringEquals: tagged(...keyAndValue(changeTag)) }),
      },
    },
  ];
}

/** The value may hold more equals signs. */
function keyAndValue(tag: string): [key: string, value: string] {
  const at = tag.indexOf("=");
  return [tag.slice(0, at), tag.slice(at + 1)];
}

/** The approvals function, and no other: wakes the workflow that waits for a decision. */
export const callbackAccess: readonly Access[] = [
  {
    actions: ["states:SendTaskSuccess"],
    reason: "AWS scopes it to no resource; it needs the task token, which only the ledger holds.",
  },
];

/** Gives a role that access, and cdk-nag the reason for each wildcard. */
export function grantAccess(role: Role, access: readonly Access[]): void {
  for (const { actions, on, reason, conditions } of access) {
    role.addToPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: arns(on, { partition: Aws.PARTITION, region: Aws.REGION, account: Aws.ACCOUNT_ID }),
        ...(conditions !== undefined && { conditions }),
      }),
    );
    // How cdk-nag writes the same ARNs.
    const written = arns(on, {
      partition: "<AWS::Partition>",
      region: "<AWS::Region>",
      account: "<AWS::AccountId>",
    });
    for (const arn of written) {
      Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
    }
  }
}

function arns(
  on: Access["on"],
  where: { readonly partition: string; readonly region: string; readonly account: string },
): string[] {
  if (on === undefined) return ["*"];
  const [service, ...resources] = on;
  return resources.map(
    (resource) => `arn:${where.partition}:${service}:${where.region}:${where.account}:${resource}`,
  );
}
