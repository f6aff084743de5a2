import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, lines, queueNames } from "./context.ts";

/** For a queue whose settings are not known. */
const WITHOUT_NUMBERS: Advice = {
  kind: "raise-visibility-timeout",
  summary:
    "Compare the queue's visibility timeout with AWS's advice, 6 × function timeout + batching window, and raise it where it is shorter, in the source that owns the queue. Neither number is known here.",
};

/** The fix for work that outlasts the timeout, as source to change; undefined where no raise is possible. */
export function raiseVisibilityTimeout(context: AdviceContext): Advice | undefined {
  const { settings, target } = context;
  if (settings === undefined) return WITHOUT_NUMBERS;
  if (target === undefined) return undefined;
  const why =
    target.policy === "aws"
      ? "AWS's advice, 6 × function timeout + batching window"
      : "1.3 × function timeout + batching window, so that no run outlasts it and retries stay quick";
  const fifo = settings.fifo ? " A failed message then blocks its FIFO group for that long." : "";
  return {
    kind: "raise-visibility-timeout",
    summary: `Raise the visibility timeout from ${settings.visibilityTimeoutSeconds} s to ${target.seconds} s (${why}).${fifo} Change it in the source that owns the queue, or the next deployment undoes it.`,
    patch: visibilityTimeoutPatch(context, target.seconds),
  };
}

/** Source changes that set the queue's visibility timeout. */
function visibilityTimeoutPatch(context: AdviceContext, seconds: number): Record<string, string> {
  const { logicalId, terraform } = queueNames(context);
  const template = cloudformationQueue(context, seconds);
  return {
    cloudformation: lines(...template),
    cdk: lines(
      `new sqs.Queue(this, "${logicalId}", {`,
      `  visibilityTimeout: Duration.seconds(${seconds}),`,
      "});",
    ),
    terraform: lines(
      `resource "aws_sqs_queue" "${terraform}" {`,
      `  name                       = "${context.path.queueName}"`,
      `  visibility_timeout_seconds = ${seconds}`,
      "}",
    ),
    serverless: lines("resources:", ...template.map((line) => `  ${line}`)),
  };
}

/** Lines of a CloudFormation or SAM template that set the timeout. */
export const cloudformationQueue = (context: AdviceContext, seconds: number): string[] => [
  "Resources:",
  `  ${queueNames(context).logicalId}:`,
  "    Type: AWS::SQS::Queue",
  "    Properties:",
  `      VisibilityTimeout: ${seconds}`,
];
