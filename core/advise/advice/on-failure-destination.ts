import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, functionName, lines, pascalCase, shownConsumer, wordsOf } from "./context.ts";

/** For asynchronous invokes (SNS, S3, EventBridge), which Lambda itself tries again, twice by default. */
export function onFailureDestination(context: AdviceContext): Advice | undefined {
  const consumer = shownConsumer(context);
  if (consumer === undefined) return undefined;
  const name = functionName(consumer);
  const id = pascalCase(wordsOf(name));
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
        `      Qualifier: ${consumer.function?.qualifier ?? "$LATEST"}`,
        "      MaximumRetryAttempts: 0",
        "      DestinationConfig:",
        "        OnFailure:",
        `          Destination: !GetAtt ${id}FailedQueue.Arn`,
        `  ${id}FailedQueue:`,
        "    Type: AWS::SQS::Queue",
      ),
    },
  };
}
