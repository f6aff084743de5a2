import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { Template } from "aws-cdk-lib/assertions";
import {
  functionNames,
  holderOf,
  identityStatements,
  resourcesOf,
  type Statement,
  synthesise,
} from "../support/synthesised-stack.ts";

const observing = synthesise({ mode: "observe" });
const approving = synthesise({ mode: "approve" });
const statements = identityStatements(approving);

/** Actions that AWS scopes to no resource, each with the reason that we need it. */
const UNSCOPED: Readonly<Record<string, string>> = {
  "lambda:ListEventSourceMappings": "lists the mappings of the Region",
  "lambda:ListFunctions": "lists the functions of the Region",
  "sqs:ListQueues": "lists the queues of the Region",
  "tag:GetResources": "lists tagged queues of the Region",
  "cloudwatch:GetMetricData": "metrics have no ARN",
  "cloudwatch:ListMetrics": "metrics have no ARN",
  "logs:GetQueryResults": "takes a query id, not a log group",
  "logs:StopQuery": "takes a query id, not a log group",
  "states:SendTaskSuccess": "takes a task token, which only the ledger holds",
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
  "lambda:ListFunctions",
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ListQueueTags",
  "sqs:ListQueues",
];

const OF_LAMBDA = ["logs", "xray"];
const BASIC = [...OF_LAMBDA, "dynamodb"];
const READS_PATH = [...BASIC, "lambda", "sqs"];

/** The services that each function reaches, and nothing else; without a remediation. */
const SCAN_SERVICES: Readonly<Record<string, readonly string[]>> = {
  ClaimScan: BASIC,
  Discover: [...READS_PATH, "cloudwatch", "tag"],
  Measure: [...BASIC, "cloudwatch", "lambda"],
  StartQueries: BASIC,
  CollectDeliveries: BASIC,
  Diagnose: BASIC,
  Summarise: [...BASIC, "sns"],
  Notify: [...BASIC, "sns"],
  ProposeChanges: OF_LAMBDA,
};

const REMEDIATION_SERVICES: Readonly<Record<string, readonly string[]>> = {
  ProposeChanges: [...BASIC, "sns", "states"],
  Revalidate: READS_PATH,
  RequestApproval: [...BASIC, "sns"],
  ConcludeApproval: BASIC,
  Apply: READS_PATH,
  Confirm: [...BASIC, "sns", "sqs"],
  PrepareEffect: READS_PATH,
  MeasureEffect: BASIC,
  Close: BASIC,
  NotifyOutcome: [...BASIC, "sns"],
  Approvals: [...READS_PATH, "states"],
};

/** Actions on SQS and Lambda that reach further than the stack's own queue and functions. */
function actionsOnAccount(template: Template): string[] {
  return onQueuesAndFunctions(
    identityStatements(template).filter(({ resources }) => !resources.every(isOwnResource(template))),
  );
}

function onQueuesAndFunctions(from: readonly Statement[]): string[] {
  const actions = from.flatMap((statement) => statement.actions);
  return [...new Set(actions.filter((action) => /^(sqs|lambda):/.test(action)))].sort();
}

/** A reference to a resource of the template, and to all of it but nothing else. */
const isOwnResource = (template: Template) => {
  const ids = new Set(Object.keys(template.toJSON()["Resources"]));
  return (resource: unknown): boolean => {
    if (typeof resource !== "object" || resource === null) return false;
    const target = (resource as { "Fn::GetAtt"?: [string, string] })["Fn::GetAtt"];
    return target !== undefined && ids.has(target[0]);
  };
};

/** Who holds an action, by their names, in order. */
function holdersOf(from: readonly Statement[], action: string): string[] {
  const roles = from.filter(({ actions }) => actions.includes(action)).flatMap((one) => one.roles);
  return [...new Set(roles.map(holderOf))].sort();
}

describe("I10: in observe nothing in the account can be changed", () => {
  const observed = identityStatements(observing);

  test("on queues and functions of the account there are reads only", () => {
    expect(actionsOnAccount(observing)).toEqual(READS);
  });

  test("on its own it only invokes its functions and fills its dead-letter queue", () => {
    const own = observed.filter(({ resources }) => resources.every(isOwnResource(observing)));
    expect(onQueuesAndFunctions(own)).toEqual(["lambda:InvokeFunction", "sqs:SendMessage"]);
  });

  test("nothing of the remediation is there: no workflow, no topic, no page, no function", () => {
    observing.resourceCountIs("AWS::StepFunctions::StateMachine", 1);
    observing.resourceCountIs("AWS::SNS::Topic", 2);
    observing.resourceCountIs("AWS::Lambda::Url", 0);
    expect(functionNames(observing)).toEqual(Object.keys(SCAN_SERVICES).sort());
    expect(
      observed.flatMap(({ actions }) => actions).filter((action) => action === "states:SendTaskSuccess"),
    ).toEqual([]);
    expect(holdersOf(observed, "states:StartExecution")).not.toContain("ProposeChanges");
    expect(holdersOf(observed, "sns:Publish")).toEqual(["Notify"]);
  });
});

describe("where changes may be made", () => {
  test.each([{ mode: "approve" }, { mode: "auto" }, { mode: "approve", approvalPage: false }])(
    "%j: on queues and functions of the account there are reads, and the one write",
    (configuration) => {
      expect(actionsOnAccount(synthesise(configuration))).toEqual(
        [...READS, "sqs:SetQueueAttributes"].sort(),
      );
    },
  );

  test("that write is held by one function, for queues that do not refuse by their tag", () => {
    const [write, ...others] = statements.filter(({ actions }) => actions.includes("sqs:SetQueueAttributes"));
    expect(others).toEqual([]);
    expect(write?.actions).toEqual(["sqs:SetQueueAttributes"]);
    expect(write?.roles.map(holderOf)).toEqual(["Apply"]);
    expect(write?.resources.map(patternOf)).toEqual(["*"]);
    expect(write?.condition).toEqual({ StringNotEquals: { "aws:ResourceTag/doubletake:mode": "observe" } });
  });

  test("names and a tag of the configuration narrow it", () => {
    const narrow = synthesise({ changeQueues: ["orders", "team-*"], changeTag: "cost=team=a" });
    const [write] = identityStatements(narrow).filter(({ actions }) =>
      actions.includes("sqs:SetQueueAttributes"),
    );
    expect(write?.resources.map(patternOf)).toEqual(["orders", "team-*"]);
    expect(write?.condition).toEqual({
      StringNotEquals: { "aws:ResourceTag/doubletake:mode": "observe" },
      StringEquals: { "aws:ResourceTag/cost": "team=a" },
    });
  });

  test("the longest list of names fits into IAM's 10,240 characters of a role's own policies", () => {
    const changeQueues = Array.from({ length: 50 }, (_, n) => `team-of-orders-and-invoices-${n}-*`);
    const long = synthesise({ changeQueues });
    const policies = resourcesOf(long, "AWS::IAM::Policy").filter(([id]) => id.includes("Apply"));
    const text = JSON.stringify(policies.map(([, { Properties }]) => Properties.PolicyDocument));
    const join =
      '{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":sqs:",{"Ref":"AWS::Region"},":",{"Ref":"AWS::AccountId"},":';
    expect(text.split(join).length - 1).toBeGreaterThanOrEqual(50);
    const written = text
      .replaceAll(join, "arn:aws-us-gov:sqs:us-gov-west-1:123456789012:")
      .replaceAll("]]}", "");
    expect(written.length).toBeLessThan(10_240);
  });

  test("auto may do what approve may, and no more", () => {
    expect(identityStatements(synthesise({ mode: "auto" }))).toEqual(statements);
  });

  test("only the approvals function wakes the workflow", () => {
    expect(holdersOf(statements, "states:SendTaskSuccess")).toEqual(["Approvals"]);
  });
});

/** What follows the account in an ARN of a queue in this account and Region. */
function patternOf(resource: unknown): string {
  const parts = (resource as { "Fn::Join"?: [string, unknown[]] })["Fn::Join"]?.[1] ?? [];
  const [head, last] = [parts.slice(0, -1), parts.at(-1)];
  expect(head).toEqual([
    "arn:",
    { Ref: "AWS::Partition" },
    ":sqs:",
    { Ref: "AWS::Region" },
    ":",
    { Ref: "AWS::AccountId" },
  ]);
  return String(last).replace(/^:/, "");
}

describe("the writes of the whole stack", () => {
  const FUNCTIONS = functionNames(approving);
  const MACHINES = ["RemediationWorkflowRole", "ScanRole"];
  const ALL = [...FUNCTIONS, ...MACHINES].sort();

  /** Every action that is no read, and whose it is. */
  const WRITES: Readonly<Record<string, readonly string[]>> = {
    "dynamodb:BatchWriteItem": ["Notify", "Summarise"],
    "dynamodb:DeleteItem": [
      "Apply",
      "Close",
      "ConcludeApproval",
      "Confirm",
      "Notify",
      "NotifyOutcome",
      "PrepareEffect",
      "ProposeChanges",
      "RequestApproval",
      "Revalidate",
    ],
    "dynamodb:PutItem": [
      "Approvals",
      "ClaimScan",
      "CollectDeliveries",
      "Confirm",
      "Diagnose",
      "Discover",
      "Measure",
      "Notify",
      "NotifyOutcome",
      "PrepareEffect",
      "ProposeChanges",
      "RequestApproval",
      "StartQueries",
      "Summarise",
    ],
    "dynamodb:UpdateItem": [
      "Apply",
      "Approvals",
      "Close",
      "CollectDeliveries",
      "ConcludeApproval",
      "Confirm",
      "MeasureEffect",
      "Notify",
      "PrepareEffect",
      "ProposeChanges",
      "RequestApproval",
      "Revalidate",
      "StartQueries",
    ],
    "lambda:InvokeFunction": MACHINES,
    "logs:CreateLogDelivery": MACHINES,
    "logs:CreateLogStream": FUNCTIONS,
    "logs:DeleteLogDelivery": MACHINES,
    "logs:PutLogEvents": FUNCTIONS,
    "logs:PutResourcePolicy": MACHINES,
    "logs:StartQuery": ["CollectDeliveries", "StartQueries"],
    "logs:StopQuery": ["CollectDeliveries"],
    "logs:UpdateLogDelivery": MACHINES,
    "sns:Publish": ["Confirm", "Notify", "NotifyOutcome", "ProposeChanges", "RequestApproval"],
    "sqs:SendMessage": ["SchedulerRole"],
    "sqs:SetQueueAttributes": ["Apply"],
    "states:SendTaskSuccess": ["Approvals"],
    "states:StartExecution": ["ProposeChanges", "ScanRole", "SchedulerRole"],
    "states:StopExecution": ["ScanRole"],
    "xray:PutTelemetryRecords": ALL,
    "xray:PutTraceSegments": ALL,
  };

  const isRead = (action: string) => /^\w+:(Get|List|Describe)|^dynamodb:Query$/.test(action);

  test("are these, held by these and nobody else", () => {
    const writes = statements.flatMap(({ actions }) => actions).filter((action) => !isRead(action));
    expect(
      Object.fromEntries(
        [...new Set(writes)].sort().map((action) => [action, holdersOf(statements, action)]),
      ),
    ).toEqual(WRITES);
  });

  test("no statement denies its way around or names things by NotAction", () => {
    for (const template of [observing, approving]) {
      expect(new Set(identityStatements(template).map(({ effect }) => effect))).toEqual(new Set(["Allow"]));
      expect(JSON.stringify(template.toJSON())).not.toMatch(/NotAction|NotResource|NotPrincipal/);
    }
  });

  test.each([
    { holder: "RequestApproval", topics: ["ApprovalsTopic"] },
    { holder: "Confirm", topics: ["DigestTopic"] },
    { holder: "Notify", topics: ["DigestTopic"] },
    { holder: "NotifyOutcome", topics: ["DigestTopic"] },
    { holder: "ProposeChanges", topics: ["DigestTopic"] },
  ])("$holder publishes to $topics and no other topic", ({ holder, topics }) => {
    expect(topicsOf(holder, "sns:Publish")).toEqual(topics);
  });

  test("Summarise sees who is subscribed to the topics that people wait for", () => {
    expect(topicsOf("Summarise", "sns:ListSubscriptionsByTopic")).toEqual(["ApprovalsTopic", "DigestTopic"]);
    expect(holdersOf(statements, "sns:ListSubscriptionsByTopic")).toEqual(["Summarise"]);
  });

  function topicsOf(holder: string, action: string): string[] {
    return statements
      .filter(
        ({ roles, actions }) => actions.includes(action) && roles.some((role) => holderOf(role) === holder),
      )
      .flatMap(({ resources }) => resources)
      .map((resource) => (resource as { Ref: string }).Ref.slice(0, -"01234567".length))
      .sort();
  }
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
    for (const [, { Properties }] of resourcesOf(approving, "AWS::IAM::Role")) {
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
    { mode: "observe", template: observing, services: SCAN_SERVICES },
    { mode: "approve", template: approving, services: { ...SCAN_SERVICES, ...REMEDIATION_SERVICES } },
  ])("$mode: each function reaches the services it needs and nothing else", ({ template, services }) => {
    const reached = functionNames(template).map((name) => {
      const actions = identityStatements(template)
        .filter(({ roles }) => roles.some((role) => holderOf(role) === name))
        .flatMap((statement) => statement.actions);
      return [name, [...new Set(actions.map((action) => action.split(":")[0]))].sort()];
    });
    expect(Object.fromEntries(reached)).toEqual(
      Object.fromEntries(Object.entries(services).map(([name, one]) => [name, [...one].sort()])),
    );
  });

  test("functions and their mappings are read only by what checks plans; Confirm looks at the queue alone", () => {
    for (const action of ["lambda:ListEventSourceMappings", "lambda:GetFunctionConfiguration"]) {
      expect(holdersOf(statements, action)).toEqual([
        "Apply",
        "Approvals",
        "Discover",
        "PrepareEffect",
        "Revalidate",
      ]);
    }
    expect(holdersOf(statements, "sqs:GetQueueAttributes")).toEqual([
      "Apply",
      "Approvals",
      "Confirm",
      "Discover",
      "PrepareEffect",
      "Revalidate",
    ]);
  });
});

describe("the calls of the adapters", () => {
  /** Service prefix of IAM by the package that a command comes from. */
  const SERVICES: Readonly<Record<string, string>> = {
    "client-cloudwatch": "cloudwatch",
    "client-cloudwatch-logs": "logs",
    "client-lambda": "lambda",
    "client-resource-groups-tagging-api": "tag",
    "client-sfn": "states",
    "client-sns": "sns",
    "client-sqs": "sqs",
    "lib-dynamodb": "dynamodb",
  };

  /** What people call with their own permissions, and no function does. */
  const OF_THE_COMMAND_LINE = ["approvals-client.ts"];

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
    const called = readdirSync(directory)
      .filter((file) => !OF_THE_COMMAND_LINE.includes(file))
      .flatMap((file) => calledActions(readFileSync(new URL(file, directory), "utf8")));
    const template = synthesise({ sampling: true });
    const functions = functionNames(template);
    const allowed = identityStatements(template)
      .filter(({ roles }) => roles.some((role) => functions.includes(holderOf(role))))
      .flatMap(({ actions }) => actions)
      // Lambda's own: its logs and its traces.
      .filter((action) => !/^xray:|^logs:(CreateLogStream|PutLogEvents)$/.test(action));
    expect([...new Set(allowed)].sort()).toEqual([...new Set(called)].sort());
  });
});

test("without asynchronous sources Discover may not ask for them", () => {
  const actions = identityStatements(synthesise({ mode: "observe", asyncSources: false })).flatMap(
    (one) => one.actions,
  );
  expect(actions).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/ListMetrics|GetPolicy|InvokeConfig/)]),
  );
});

describe("I11: with sampling", () => {
  const sampling = synthesise({ mode: "observe", sampling: true });
  const sampled = identityStatements(sampling);

  test("receive and giving back are added, and nothing else", () => {
    expect(actionsOnAccount(sampling)).toEqual(
      [...READS, "sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"].sort(),
    );
  });

  test("on queues that carry the tag, for Measure alone", () => {
    const [receive, ...others] = sampled.filter(({ actions }) => actions.includes("sqs:ReceiveMessage"));
    expect(others).toEqual([]);
    expect(receive?.condition).toEqual({ StringEquals: { "aws:ResourceTag/doubletake:sample": "true" } });
    expect(receive?.actions).toEqual(["sqs:ChangeMessageVisibility", "sqs:ReceiveMessage"]);
    expect(receive?.roles.map(holderOf)).toEqual(["Measure"]);
  });
});
