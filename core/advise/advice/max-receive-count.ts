import type { Advice } from "../../model/finding.ts";
import type { AdviceContext } from "./context.ts";
import { queueSource, sourcePatch } from "./source-patch.ts";

/** AWS advises at least five tries before a message is dead-lettered. */
const LEAST_TRIES = 5;

/** For messages that fail or are thrown back: enough tries, then a dead-letter queue. */
export function maxReceiveCount(context: AdviceContext): Advice | undefined {
  // Whether there is a redrive policy is not known without the settings.
  if (context.settings === undefined) return undefined;
  const { redrive, fifo } = context.settings;
  if (redrive !== undefined && redrive.maxReceiveCount >= LEAST_TRIES) return undefined;
  const target =
    redrive?.deadLetterTargetArn ??
    `${context.path.queueArn.replace(/\.fifo$/, "")}-dlq${fifo ? ".fifo" : ""}`;
  return {
    kind: "max-receive-count",
    summary:
      redrive === undefined
        ? `Give the queue a dead-letter queue with maxReceiveCount ${LEAST_TRIES} or more: without one a message that always fails comes back until its retention ends.`
        : `Raise maxReceiveCount from ${redrive.maxReceiveCount} to ${LEAST_TRIES} or more: throttling alone uses up receives, and messages reach the dead-letter queue without one invocation.`,
    patch: sourcePatch(
      queueSource(context, {
        cloudformation: [
          "RedrivePolicy:",
          `  deadLetterTargetArn: ${target}`,
          `  maxReceiveCount: ${LEAST_TRIES}`,
        ],
        cdk: [
          "deadLetterQueue: {",
          `  queue: sqs.Queue.fromQueueArn(this, "DeadLetters", "${target}"),`,
          `  maxReceiveCount: ${LEAST_TRIES},`,
          "},",
        ],
        terraform: [
          "redrive_policy = jsonencode({",
          `  deadLetterTargetArn = "${target}"`,
          `  maxReceiveCount     = ${LEAST_TRIES}`,
          "})",
        ],
      }),
    ),
  };
}
