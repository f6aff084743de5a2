import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, lines, queueNames } from "./context.ts";

/** AWS advises at least five tries before a message is dead-lettered. */
const LEAST_TRIES = 5;

/** For messages that fail or are thrown back: enough tries, then a dead-letter queue. */
export function maxReceiveCount(context: AdviceContext): Advice | undefined {
  // Whether there is a redrive policy is not known without the settings.
  if (context.settings === undefined) return undefined;
  const { redrive, fifo } = context.settings;
  if (redrive !== undefined && redrive.maxReceiveCount >= LEAST_TRIES) return undefined;
  const { logicalId, terraform } = queueNames(context);
  const target =
    redrive?.deadLetterTargetArn ??
    `${context.path.queueArn.replace(/\.fifo$/, "")}-dlq${fifo ? ".fifo" : ""}`;
  return {
    kind: "max-receive-count",
    summary:
      redrive === undefined
        ? `Give the queue a dead-letter queue with maxReceiveCount ${LEAST_TRIES} or more: without one a message that always fails comes back until its retention ends.`
        : `Raise maxReceiveCount from ${redrive.maxReceiveCount} to ${LEAST_TRIES} or more: throttling alone uses up receives, and messages reach the dead-letter queue without one invocation.`,
    patch: {
      cloudformation: lines(
        "Resources:",
        `  ${logicalId}:`,
        "    Type: AWS::SQS::Queue",
        "    Properties:",
        "      RedrivePolicy:",
        `        deadLetterTargetArn: ${target}`,
        `        maxReceiveCount: ${LEAST_TRIES}`,
      ),
      cdk: lines(
        `new sqs.Queue(this, "${logicalId}", {`,
        `  deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: ${LEAST_TRIES} },`,
        "});",
      ),
      terraform: lines(
        `resource "aws_sqs_queue" "${terraform}" {`,
        `  name = "${context.path.queueName}"`,
        "  redrive_policy = jsonencode({",
        `    deadLetterTargetArn = "${target}"`,
        `    maxReceiveCount     = ${LEAST_TRIES}`,
        "  })",
        "}",
      ),
    },
  };
}
