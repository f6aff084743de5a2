// Which service and operation a request means, and its parameters. The service is told by X-Amz-Target, else
// by the credential scope of the signature (…/us-east-1/sns/aws4_request), else by the path.
import { parseJsonInput } from "./protocols/json.ts";
import { parseQueryInput } from "./protocols/query.ts";
import { route } from "./protocols/rest-json.ts";
import { fromSqsQuery } from "./protocols/sqs-query.ts";
import type { ServiceName } from "./service.ts";

export interface IncomingRequest {
  readonly method: string;
  /** Path and query string. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ServiceCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly protocol: "json" | "query" | "rest-json";
  /** Undefined when the body could not be read. */
  readonly input: Record<string, unknown> | undefined;
}

const TARGETS: Readonly<Record<string, ServiceName>> = {
  AmazonSQS: "sqs",
  GraniteServiceVersion20100801: "cloudwatch",
  Logs_20140328: "logs",
  AWSStepFunctions: "states",
  DynamoDB_20120810: "dynamodb",
  ResourceGroupsTaggingAPI_20170126: "tag",
};

const SIGNING_NAMES: Readonly<Record<string, ServiceName>> = {
  sqs: "sqs",
  monitoring: "cloudwatch",
  logs: "logs",
  lambda: "lambda",
  tagging: "tag",
  sns: "sns",
  sts: "sts",
  scheduler: "scheduler",
  states: "states",
  dynamodb: "dynamodb",
};

/** API versions, for Query requests that came unsigned. */
const QUERY_VERSIONS: Readonly<Record<string, ServiceName>> = {
  "2010-03-31": "sns",
  "2011-06-15": "sts",
  "2010-08-01": "cloudwatch",
  "2012-11-05": "sqs",
};

function signingService(authorization: string | undefined): ServiceName | undefined {
  const scope = /Credential=[^/,]+\/\d{8}\/[^/,]+\/([a-z0-9-]+)\/aws4_request/.exec(authorization ?? "");
  return SIGNING_NAMES[scope?.[1] ?? ""];
}

/** @returns undefined when no service here knows such a request. */
export function identify(request: IncomingRequest): ServiceCall | undefined {
  const { method, target, headers, body } = request;
  const amzTarget = headers["x-amz-target"];
  if (amzTarget !== undefined) {
    const [prefix = "", operation = ""] = amzTarget.split(".");
    const service = TARGETS[prefix];
    return service && { service, operation, protocol: "json", input: parseJsonInput(body) };
  }
  const url = new URL(target, "http://localhost");
  const signed = signingService(headers["authorization"]);
  if (method === "POST" && headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
    const { Action, Version, ...input } = parseQueryInput(body);
    const service = signed ?? QUERY_VERSIONS[String(Version)];
    const named = service === "sqs" ? fromSqsQuery(input) : input;
    return service && { service, operation: String(Action ?? ""), protocol: "query", input: named };
  }
  const routed = route(method, url.pathname);
  if (routed !== undefined) {
    const { service, operation, pathInput } = routed;
    const fromUrl = { ...Object.fromEntries(url.searchParams), ...pathInput };
    const input =
      operation === "Invoke"
        ? { ...fromUrl, body, InvocationType: headers["x-amz-invocation-type"] }
        : withBody(fromUrl, body);
    return { service, operation, protocol: "rest-json", input };
  }
  return (
    signed && { service: signed, operation: `${method} ${url.pathname}`, protocol: "rest-json", input: {} }
  );
}

function withBody(fromUrl: Record<string, string>, body: string): Record<string, unknown> | undefined {
  const fromBody = parseJsonInput(body);
  return fromBody && { ...fromBody, ...fromUrl };
}

const NAMES_A_RESOURCE =
  /^(QueueUrl|QueueName|SourceArn|EventSourceArn|FunctionName|Resource|TopicArn|SubscriptionArn|TableName|Name|logGroup(Name|Names|Identifier|Identifiers)|logGroupNamePrefix|stateMachineArn|executionArn|name)$/;

/** Names, ARNs and URLs that a request mentions at its top level, for the faults. */
export function namedResources(input: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(input)
    .filter(([name]) => NAMES_A_RESOURCE.test(name))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter((value) => typeof value === "string");
}
