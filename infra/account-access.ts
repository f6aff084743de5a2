// What the scan may read in the account it watches, by the state that reads it. There is no other access, and
// none of it changes anything; sampling (off by default) is the one exception and says so.
import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { SAMPLE_TAG } from "../core/detect/sampling.ts";

/** Discover: mappings, queues and functions. AWS scopes ListEventSourceMappings to no resource. */
export function discoveryAccess(scope: Construct): PolicyStatement[] {
  return [
    allow(["lambda:ListEventSourceMappings"], "*"),
    allow(
      ["lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"],
      arn(scope, { service: "lambda", resource: "function:*" }),
    ),
    allow(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"], everyQueue(scope)),
  ];
}

/** Measure: metrics, which AWS scopes to no resource. */
export function metricsAccess(): PolicyStatement[] {
  return [allow(["cloudwatch:GetMetricData"], "*")];
}

/**
 * Measure with sampling: queues that carry the opt-in tag, dead-letter queues included (each needs the tag
 * itself). ReceiveMessage is a receive; ChangeMessageVisibility gives the message straight back.
 */
export function samplingAccess(scope: Construct): PolicyStatement[] {
  const statement = allow(["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"], everyQueue(scope));
  statement.addCondition("StringEquals", { [`aws:ResourceTag/${SAMPLE_TAG}`]: "true" });
  return [statement];
}

/** StartQueries: consumers name their own log groups, so any group of the account may be one. */
export function queryAccess(scope: Construct): PolicyStatement[] {
  return [allow(["logs:StartQuery"], arn(scope, { service: "logs", resource: "log-group:*" }))];
}

/** CollectDeliveries: AWS scopes these two to no resource; they need the id of a query of this account. */
export function queryResultsAccess(): PolicyStatement[] {
  return [allow(["logs:GetQueryResults", "logs:StopQuery"], "*")];
}

function allow(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resource] });
}

function everyQueue(scope: Construct): string {
  return arn(scope, { service: "sqs", resource: "*" });
}

function arn(scope: Construct, parts: { readonly service: string; readonly resource: string }): string {
  const { partition, region, account } = Stack.of(scope);
  return `arn:${partition}:${parts.service}:${region}:${account}:${parts.resource}`;
}
