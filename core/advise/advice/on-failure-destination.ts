import type { Advice } from "../../model/finding.ts";
import {
  type AdviceContext,
  camelCase,
  functionName,
  lines,
  pascalCase,
  shownConsumer,
  snakeCase,
  wordsOf,
} from "./context.ts";

/** What an invocation without an alias or a version runs. */
const LATEST = "$LATEST";

/** For asynchronous invokes (SNS, S3, EventBridge), which Lambda itself tries again, twice by default. */
export function onFailureDestination(context: AdviceContext): Advice | undefined {
  const consumer = shownConsumer(context);
  if (consumer === undefined) return undefined;
  return onFailureDestinationOf(functionName(consumer), consumer.function?.qualifier);
}

/** @param qualifier alias or version that is invoked. */
export function onFailureDestinationOf(name: string, qualifier = LATEST): Advice {
  const id = pascalCase(wordsOf(name));
  const terraform = snakeCase(wordsOf(name));
  return {
    kind: "on-failure-destination",
    summary: `Limit Lambda's own retries of ${name}'s asynchronous invokes and send what fails to a destination, where somebody decides about it.`,
    patch: {
      cloudformation: lines(
        "Resources:",
        `  ${id}AsyncConfig:`,
        "    Type: AWS::Lambda::EventInvokeConfig",
        "    Properties:",
        `      FunctionName: ${name}`,
        `      Qualifier: ${qualifier}`,
        "      MaximumRetryAttempts: 0",
        "      DestinationConfig:",
        "        OnFailure:",
        `          Destination: !GetAtt ${id}FailedQueue.Arn`,
        `  ${id}FailedQueue:`,
        "    Type: AWS::SQS::Queue",
      ),
      cdk: lines(
        `const failed = new sqs.Queue(this, "${id}FailedQueue");`,
        `new lambda.EventInvokeConfig(this, "${id}AsyncConfig", {`,
        `  function: ${camelCase(wordsOf(name))},`,
        ...(qualifier === LATEST ? [] : [`  qualifier: "${qualifier}",`]),
        "  retryAttempts: 0,",
        "  onFailure: new SqsDestination(failed),",
        "});",
      ),
      terraform: lines(
        `resource "aws_lambda_function_event_invoke_config" "${terraform}" {`,
        `  function_name          = "${name}"`,
        `  qualifier              = "${qualifier}"`,
        "  maximum_retry_attempts = 0",
        "  destination_config {",
        "    on_failure {",
        `      destination = aws_sqs_queue.${terraform}_failed.arn`,
        "    }",
        "  }",
        "}",
        "",
        `resource "aws_sqs_queue" "${terraform}_failed" {}`,
      ),
      serverless: lines(
        "functions:",
        `  ${camelCase(wordsOf(name))}:`,
        "    maximumRetryAttempts: 0",
        "    destinations:",
        "      onFailure:",
        "        type: sqs",
        "        arn:",
        `          Fn::GetAtt: [${id}FailedQueue, Arn]`,
        "resources:",
        "  Resources:",
        `    ${id}FailedQueue:`,
        "      Type: AWS::SQS::Queue",
      ),
    },
  };
}
