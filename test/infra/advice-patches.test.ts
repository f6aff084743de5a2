// The same change in CloudFormation and in CDK: each is given to the tool that reads it, and both must come to the
// same resources. A property that is misspelt in one of them shows here.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import * as sns from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { transform } from "esbuild";
import { adviseCause } from "../../core/advise/advice/advise-cause.ts";
import { targetFor } from "../../core/advise/plan.ts";
import type { SettlingAdvice } from "../../core/advise/settle.ts";
import type { Cause } from "../../core/model/delivery.ts";
import type { DeliveryPath } from "../../core/model/delivery-path.ts";
import { consumerOf, DLQ_ARN, pathOf } from "../support/delivery-paths.ts";

type Properties = Readonly<Record<string, unknown>>;

const SETTINGS = { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 } as const;
const FEW_TRIES = { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 2 };
const standard = pathOf({
  settings: { visibilityTimeoutSeconds: 20, redrive: FEW_TRIES },
  consumers: [consumerOf({}, { logFormat: "JSON", systemLogLevel: "WARN", applicationLogLevel: "ERROR" })],
});
const fifo = pathOf({ settings: { visibilityTimeoutSeconds: 20, fifo: true, redrive: FEW_TRIES } });

function patchOf(path: DeliveryPath, cause: Cause, kind: string): Record<string, string> {
  if (path.settings === undefined) throw new Error("expected settings");
  const settling: SettlingAdvice[] = ["log-platform-lines", "log-info-lines", "log-format-json"];
  const target = targetFor(path, path.settings, SETTINGS);
  const advice = adviseCause({ cause, context: { path, settings: path.settings, target }, settling });
  const patch = advice.find((one) => one.kind === kind)?.patch;
  if (patch === undefined) throw new Error(`expected advice ${kind} with a patch`);
  return patch;
}

/** What snippets leave out, because the reader's function has it. */
const CODE = { Runtime: "nodejs24.x", Handler: "i.h", Role: "arn:aws:iam::111122223333:role/r" };

function fromCloudFormation(template: string): Template {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-patch-"));
  const file = join(folder, "template.yaml");
  const code = ["Code: { ZipFile: x }", ...Object.entries(CODE).map(([key, value]) => `${key}: ${value}`)];
  const whole = template.replace(
    /Type: AWS::Lambda::Function\n {4}Properties:\n/g,
    (head) => `${head}${code.map((line) => `      ${line}\n`).join("")}`,
  );
  try {
    writeFileSync(file, whole);
    const stack = new Stack(newApp(), "Included");
    new CfnInclude(stack, "Template", { templateFile: file });
    return Template.fromStack(stack);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function fromCdk(snippet: string): Promise<Template> {
  const stack = new Stack(newApp(), "Written");
  const code = { code: lambda.Code.fromInline("x"), handler: "i.h", runtime: lambda.Runtime.NODEJS_24_X };
  const givenFunctions = {
    ...lambda,
    Function: class extends lambda.Function {
      constructor(scope: Stack, id: string, props: Partial<lambda.FunctionProps>) {
        super(scope, id, { ...code, ...props });
      }
    },
  };
  const given = {
    sqs,
    sns,
    lambda: givenFunctions,
    Duration,
    SqsEventSource,
    SqsSubscription,
    SqsDestination,
    chargeOrders: new lambda.Function(stack, "Given", code),
    ordersQueue: new sqs.Queue(stack, "GivenQueue", { visibilityTimeout: Duration.minutes(5) }),
  };
  const { code: script } = await transform(snippet, { loader: "ts" });
  new Function(...Object.keys(given), script).call(stack, ...Object.values(given));
  return Template.fromStack(stack);
}

/** Problems that CloudFormation's own schemas find in a template are errors. */
const newApp = () => new App({ context: { "@aws-cdk/core:validateAgainstDefaultRules": true } });

const resourcesOf = (template: Template, type: string): Properties[] =>
  Object.values(template.findResources(type)).map((one) => (one["Properties"] ?? {}) as Properties);

describe("patches", () => {
  test.each<{ kind: string; cause: Cause; path?: DeliveryPath; type: string; set: Properties }>([
    {
      kind: "raise-visibility-timeout",
      cause: "visibility-expired",
      type: "AWS::SQS::Queue",
      set: { VisibilityTimeout: 180 },
    },
    {
      kind: "raise-visibility-timeout",
      cause: "visibility-expired",
      path: fifo,
      type: "AWS::SQS::Queue",
      set: { VisibilityTimeout: 39, FifoQueue: true },
    },
    {
      kind: "longer-function-timeout",
      cause: "function-timeout",
      type: "AWS::Lambda::Function",
      set: { Timeout: 60 },
    },
    {
      kind: "longer-function-timeout",
      cause: "function-timeout",
      path: fifo,
      type: "AWS::SQS::Queue",
      set: { VisibilityTimeout: 78, FifoQueue: true },
    },
    {
      kind: "max-receive-count",
      cause: "throttled",
      type: "AWS::SQS::Queue",
      set: { RedrivePolicy: { deadLetterTargetArn: DLQ_ARN, maxReceiveCount: 5 } },
    },
    {
      kind: "maximum-concurrency",
      cause: "throttled",
      type: "AWS::Lambda::EventSourceMapping",
      set: { BatchSize: 10, ScalingConfig: { MaximumConcurrency: 10 } },
    },
    {
      kind: "report-batch-item-failures",
      cause: "partial-batch-replay",
      type: "AWS::Lambda::EventSourceMapping",
      set: { BatchSize: 10, FunctionResponseTypes: ["ReportBatchItemFailures"] },
    },
    {
      kind: "on-failure-destination",
      cause: "async-retry",
      type: "AWS::Lambda::EventInvokeConfig",
      set: { MaximumRetryAttempts: 0, Qualifier: "$LATEST" },
    },
    {
      kind: "log-platform-lines",
      cause: "unknown",
      type: "AWS::Lambda::Function",
      set: { LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "INFO" } },
    },
    {
      kind: "log-info-lines",
      cause: "unknown",
      type: "AWS::Lambda::Function",
      set: { LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO" } },
    },
    {
      kind: "log-format-json",
      cause: "unknown",
      path: fifo,
      type: "AWS::Lambda::Function",
      set: { LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "INFO" } },
    },
  ])("$kind: CloudFormation and CDK set $set", async ({ kind, cause, path = standard, type, set }) => {
    const patch = patchOf(path, cause, kind);
    for (const template of [
      fromCloudFormation(patch["cloudformation"] ?? ""),
      await fromCdk(patch["cdk"] ?? ""),
    ]) {
      expect(resourcesOf(template, type)).toContainEqual(expect.objectContaining(set));
    }
    const [written] = resourcesOf(fromCloudFormation(patch["cloudformation"] ?? ""), type);
    const named = ["EventSourceArn", "FunctionName", "DestinationConfig", "Code", ...Object.keys(CODE)];
    expect(
      Object.keys(written ?? {})
        .filter((key) => !named.includes(key))
        .sort(),
    ).toEqual(Object.keys(set).sort());
  });

  test("the destination of failures is a queue of its own", async () => {
    const { cdk = "", cloudformation = "" } = patchOf(standard, "async-retry", "on-failure-destination");
    for (const template of [fromCloudFormation(cloudformation), await fromCdk(cdk)]) {
      const [config] = resourcesOf(template, "AWS::Lambda::EventInvokeConfig");
      const destination = config?.["DestinationConfig"] as { OnFailure: { Destination: unknown } };
      expect(JSON.stringify(destination.OnFailure.Destination)).toMatch(
        /ChargeOrdersFailedQueue\w*("|\.).*Arn"/,
      );
    }
  });

  test.each([
    { name: "standard", path: standard, queue: {} },
    { name: "FIFO", path: fifo, queue: { FifoQueue: true } },
  ])("fan-out, $name: a topic, a queue and a subscription for each consumer", async ({ path, queue }) => {
    const { cdk = "" } = patchOf(path, "several-consumers", "sns-fan-out");
    const template = await fromCdk(cdk);
    expect(resourcesOf(template, "AWS::SNS::Subscription")).toHaveLength(path.consumers.length);
    expect(resourcesOf(template, "AWS::SQS::Queue")).toContainEqual(queue);
  });

  test("Serverless Framework: resources as in CloudFormation, generated functions extended", () => {
    const { serverless = "", cloudformation = "" } = patchOf(
      standard,
      "function-timeout",
      "longer-function-timeout",
    );
    const queue = cloudformation.slice(0, cloudformation.indexOf("  ChargeOrdersFunction:")).trimEnd();
    expect(serverless).toBe(
      [
        "resources:",
        "  extensions:",
        "    ChargeOrdersLambdaFunction:",
        "      Properties:",
        "        Timeout: 60",
        ...queue.split("\n").map((line) => `  ${line}`),
      ].join("\n"),
    );
  });
});
