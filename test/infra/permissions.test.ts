import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { identityStatements, resourcesOf, type Statement, synthesise } from "../support/synthesised-stack.ts";

const template = synthesise();
const statements = identityStatements(template);

/** Actions that AWS scopes to no resource, each with the reason that we need it. */
const UNSCOPED: Readonly<Record<string, string>> = {
  "lambda:ListEventSourceMappings": "lists the mappings of the Region",
  "cloudwatch:GetMetricData": "metrics have no ARN",
  "cloudwatch:ListMetrics": "metrics have no ARN",
  "logs:GetQueryResults": "takes a query id, not a log group",
  "logs:StopQuery": "takes a query id, not a log group",
  "xray:PutTraceSegments": "traces have no ARN",
  "xray:PutTelemetryRecords": "traces have no ARN",
  "xray:GetSamplingRules": "sampling rules of the account, for Step Functions",
  "xray:GetSamplingTargets": "sampling rules of the account, for Step Functions",
  "logs:CreateLogDelivery": "log delivery of Step Functions",
  "logs:GetLogDelivery": "log delivery of Step Functions",
  "logs:UpdateLogDelivery": "log delivery of Step Functions",
  "logs:DeleteLogDelivery": "log delivery of Step Functions",
  "logs:ListLogDeliveries": "log delivery of Step Functions",
  "logs:PutResourcePolicy": "log delivery of Step Functions",
  "logs:DescribeResourcePolicies": "log delivery of Step Functions",
  "logs:DescribeLogGroups": "log delivery of Step Functions",
};

/** Everything that the scan may do to queues and functions of the account. */
const READS = [
  "lambda:GetFunctionConcurrency",
  "lambda:GetFunctionConfiguration",
  "lambda:GetFunctionEventInvokeConfig",
  "lambda:GetPolicy",
  "lambda:ListEventSourceMappings",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ListQueueTags",
];

/** Actions on SQS and Lambda that reach further than the stack's own queue and functions. */
function actionsOnAccount(from: readonly Statement[]): string[] {
  return onQueuesAndFunctions(from.filter(({ resources }) => !resources.every(isOwnResource)));
}

function onQueuesAndFunctions(from: readonly Statement[]): string[] {
  const actions = from.flatMap((statement) => statement.actions);
  return [...new Set(actions.filter((action) => /^(sqs|lambda):/.test(action)))].sort();
}

/** A reference to a resource of this template, and to all of it but nothing else. */
function isOwnResource(resource: unknown): boolean {
  if (typeof resource !== "object" || resource === null) return false;
  const target = (resource as { "Fn::GetAtt"?: [string, string] })["Fn::GetAtt"];
  return target !== undefined && target[0] in template.toJSON()["Resources"];
}

describe("I10: nothing in the account can be changed", () => {
  test("on queues and functions of the account there are reads only", () => {
    expect(actionsOnAccount(statements)).toEqual(READS);
  });

  test("on its own it only invokes its functions and fills its dead-letter queue", () => {
    const own = statements.filter(({ resources }) => resources.every(isOwnResource));
    expect(onQueuesAndFunctions(own)).toEqual(["lambda:InvokeFunction", "sqs:SendMessage"]);
  });

  test("no statement denies its way around or names things by NotAction", () => {
    expect(new Set(statements.map(({ effect }) => effect))).toEqual(new Set(["Allow"]));
    expect(JSON.stringify(template.toJSON())).not.toMatch(/NotAction|NotResource|NotPrincipal/);
  });
});

describe("every role", () => {
  test("holds no action with a wildcard", () => {
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes("*"))).toEqual([]);
  });

  test("uses the resource * only for what AWS does not scope, and all of that list is in use", () => {
    const unscoped = statements
      .filter(({ resources }) => resources.includes("*"))
      .flatMap(({ actions }) => actions);
    expect([...new Set(unscoped)].sort()).toEqual(Object.keys(UNSCOPED).sort());
  });

  test("only one service may assume it", () => {
    for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Role")) {
      const principals = Properties.AssumeRolePolicyDocument.Statement.map(
        (statement: { Principal: unknown }) => statement.Principal,
      );
      expect(principals).toHaveLength(1);
      expect(principals[0]).toEqual({
        Service: expect.stringMatching(/^(lambda|states|scheduler)\.amazonaws\.com$/),
      });
    }
  });

  test.each([
    { state: "ClaimScan", services: ["dynamodb", "logs", "xray"] },
    { state: "Discover", services: ["cloudwatch", "dynamodb", "lambda", "logs", "sqs", "xray"] },
    { state: "Measure", services: ["cloudwatch", "dynamodb", "logs", "xray"] },
    { state: "StartQueries", services: ["dynamodb", "logs", "xray"] },
    { state: "CollectDeliveries", services: ["dynamodb", "logs", "xray"] },
    { state: "Diagnose", services: ["dynamodb", "logs", "xray"] },
    { state: "Summarise", services: ["dynamodb", "logs", "xray"] },
    { state: "Notify", services: ["dynamodb", "logs", "sns", "xray"] },
  ])("$state reaches $services and nothing else", ({ state, services }) => {
    const actions = statements
      .filter(({ roles }) => roles.some((role) => role.startsWith(`Functions${state}Role`)))
      .flatMap((statement) => statement.actions);
    expect([...new Set(actions.map((action) => action.split(":")[0]))].sort()).toEqual(services);
  });

  test("log queries are started by StartQueries, and by CollectDeliveries where there was no room at first", () => {
    const roles = statements
      .filter(({ actions }) => actions.includes("logs:StartQuery"))
      .flatMap((s) => s.roles);
    expect(roles.sort()).toEqual([
      expect.stringMatching(/^FunctionsCollectDeliveriesRole/),
      expect.stringMatching(/^FunctionsStartQueriesRole/),
    ]);
  });
});

describe("the calls of the adapters", () => {
  /** Service prefix of IAM by the package that a command comes from. */
  const SERVICES: Readonly<Record<string, string>> = {
    "client-cloudwatch": "cloudwatch",
    "client-cloudwatch-logs": "logs",
    "client-lambda": "lambda",
    "client-sns": "sns",
    "client-sqs": "sqs",
    "lib-dynamodb": "dynamodb",
  };

  /** IAM's names where they are not the command's. */
  const RENAMED: Readonly<Record<string, string>> = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "dynamodb:BatchWrite": "dynamodb:BatchWriteItem",
    "dynamodb:Delete": "dynamodb:DeleteItem",
    "dynamodb:Get": "dynamodb:GetItem",
    "dynamodb:Put": "dynamodb:PutItem",
    "dynamodb:Update": "dynamodb:UpdateItem",
  };

  function calledActions(source: string): string[] {
    return [...source.matchAll(/import \{([^}]+)\} from "@aws-sdk\/([\w-]+)"/g)].flatMap(
      ([, names, from]) => {
        const service = SERVICES[String(from)];
        if (service === undefined) return [];
        return String(names)
          .split(",")
          .map((name) => /^(\w+)Command$/.exec(name.trim())?.[1])
          .filter((name) => name !== undefined && source.includes(`new ${name}Command(`))
          .map((name) => RENAMED[`${service}:${name}`] ?? `${service}:${name}`);
      },
    );
  }

  test("are all allowed, and nothing is allowed that none of them makes", () => {
    const directory = new URL("../../aws/", import.meta.url);
    const called = readdirSync(directory).flatMap((file) =>
      calledActions(readFileSync(new URL(file, directory), "utf8")),
    );
    const allowed = identityStatements(synthesise({ sampling: true }))
      .filter(({ roles }) => roles.some((role) => role.startsWith("Functions")))
      .flatMap(({ actions }) => actions)
      // Lambda's own: its logs and its traces.
      .filter((action) => !/^xray:|^logs:(CreateLogStream|PutLogEvents)$/.test(action));
    expect([...new Set(allowed)].sort()).toEqual([...new Set(called)].sort());
  });
});

test("without asynchronous sources Discover may not ask for them", () => {
  const actions = identityStatements(synthesise({ asyncSources: false })).flatMap((one) => one.actions);
  expect(actions).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/ListMetrics|GetPolicy|InvokeConfig/)]),
  );
});

describe("I11: with sampling", () => {
  const sampled = identityStatements(synthesise({ sampling: true }));

  test("receive and giving back are added, and nothing else", () => {
    expect(actionsOnAccount(sampled)).toEqual(
      [...READS, "sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"].sort(),
    );
  });

  test("on queues that carry the tag, for Measure alone", () => {
    const [receive, ...others] = sampled.filter(({ actions }) => actions.includes("sqs:ReceiveMessage"));
    expect(others).toEqual([]);
    expect(receive?.condition).toEqual({ StringEquals: { "aws:ResourceTag/doubletake:sample": "true" } });
    expect(receive?.actions).toEqual(["sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"]);
    expect(receive?.roles).toEqual([expect.stringMatching(/^FunctionsMeasureRole/)]);
  });
});
