// Each cause in words: said once for all queues that have it. What was counted on one queue is in explain.ts.
import type { Cause } from "../model/delivery.ts";
import type { Finding } from "../model/finding.ts";
import { asyncCauseWords } from "./async/words.ts";

export interface CauseWords {
  /** A few words after the queue's name. */
  readonly title: string;
  /** How it comes about, in whole sentences. */
  readonly meaning: string;
  /** What helps, whichever queue it is. */
  readonly remedy: string;
  /** What in the logs proves it; absent where nothing can. */
  readonly proof?: string;
}

/** What helps against every duplicate, and what some causes leave as the only remedy. */
export const IDEMPOTENCY =
  "Make the effect happen once, whatever is delivered: write it together with the message id, on condition that the id is new.";

const RAISE =
  "Raise the visibility timeout as proposed, in the source that owns the queue, or the next deployment undoes it.";

const WORDS: Readonly<Record<Cause, CauseWords>> = {
  "visibility-expired": {
    title: "processed twice, the visibility timeout ends too early",
    meaning:
      "The visibility timeout ends while the function still works on the message. SQS then gives the message to a second invocation: the work is done twice, although nothing fails.",
    remedy: RAISE,
    proof: "the same message id in two invocations at work at the same time",
  },
  "deleted-too-late": {
    title: "processed twice, deleted too late",
    meaning:
      "The function succeeds, but only after the visibility timeout has ended, so that the message is deleted too late: another invocation has got it by then, or soon gets it, and does the work again.",
    remedy: RAISE,
    proof: "the same message id in two invocations, the later one begun after the first had succeeded",
  },
  "function-timeout": {
    title: "begun again after the function timed out",
    meaning:
      "The function runs into its own timeout. The message comes back and is worked on from the start, after part of the work may have been done.",
    remedy:
      "Find out what the function waits for; give it more time or less work a batch, and raise the visibility timeout together with its timeout, never alone.",
    proof: "an invocation that timed out, and a later one with the same message id",
  },
  "function-error": {
    title: "retried after the function failed",
    meaning:
      "The invocation fails, or hands the message back, and SQS delivers it again. That is recovery and no duplicate.",
    remedy:
      "Mend the error. Leave the visibility timeout alone: a longer one would only slow the retries. Let a dead-letter queue take what always fails.",
    proof: "an invocation that failed or handed the message back, and a later one with the same message id",
  },
  "partial-batch-replay": {
    title: "processed twice, another record of the batch failed",
    meaning:
      "One record of a batch fails and the whole batch comes back, so that the records that had succeeded are worked on again.",
    remedy:
      "Switch on ReportBatchItemFailures on the event source mapping and return the ids that failed: both, either half alone changes nothing or hides failures.",
    proof: "a batch that failed, and later invocations with the ids of its other records",
  },
  throttled: {
    title: "received again and again, the function is throttled",
    meaning:
      "The function is throttled: the message is received and thrown back with no invocation. Nothing is done twice, but every try raises the receive count towards the dead-letter queue.",
    remedy:
      "Set MaximumConcurrency on the event source mapping to what the function can take, and maxReceiveCount to 5 or more.",
    proof: "receive counts above the number of invocations that got the message",
  },
  "dlq-redrive": {
    title: "came back from the dead-letter queue",
    meaning:
      "Messages were moved back from the dead-letter queue, which somebody does on purpose. What an earlier try had already done may be done again.",
    remedy: "A redrive is safe once the consumer is idempotent; nothing else needs a change.",
    proof: "deliveries that only a move back from the dead-letter queue explains",
  },
  "several-consumers": {
    title: "handled by several functions",
    meaning:
      "Several functions consume the same queue and compete for its messages. Here more than one of them worked on the same message.",
    remedy: "Give each function a queue of its own, and publish to an SNS topic that feeds them all.",
    proof: "the same message id in invocations of different functions",
  },
  "producer-duplicate": {
    title: "sent twice by the producer",
    meaning:
      "The same work was sent more than once, under different message ids. SQS cannot see that, so each copy is worked on.",
    remedy:
      "Send with a MessageDeduplicationId taken from the work itself, on a FIFO queue; it is remembered for five minutes. Against later repeats make the effect happen once by an id of the work, not by the message id.",
    proof: "the same id of the work under different message ids",
  },
  "async-retry": {
    title: "an asynchronous invocation was retried",
    meaning:
      "An asynchronous invocation (not from this queue) failed, and Lambda ran it again under the same request id.",
    remedy: "Limit the retries of asynchronous invocations and send what fails to an on-failure destination.",
    proof: "one request id that ran more than once",
  },
  "at-least-once": {
    title: "delivered twice by SQS, rarely and without a fault of yours",
    meaning:
      "SQS delivered a message again although it had been worked on in time. That is rare, and what at-least-once delivery means.",
    remedy: "No setting prevents it: the consumer has to be idempotent.",
    proof: "the same message id in two invocations, with no failure or timeout between them",
  },
  unknown: {
    title: "delivered more than once, the cause cannot be told",
    meaning: "Messages come more than once, and neither logs nor metrics tell why.",
    remedy: "See that every consumer logs the message id of each record, so that the next scan can tell.",
  },
};

const EXPOSED: CauseWords = {
  title: "can be processed twice, the visibility timeout may end too early",
  meaning:
    "The function may run for longer than the visibility timeout. SQS then gives the message to a second invocation while the first still works on it.",
  remedy: RAISE.replace("as proposed", "above the longest run"),
};

const ADVISORY: CauseWords = {
  title: "below AWS's recommendation, nothing seen",
  meaning: "The visibility timeout is shorter than AWS advises; nothing was seen to go wrong.",
  remedy: "Raise the visibility timeout with the next change of the queue.",
};

/** The same object for all findings that the same words fit. */
export function causeWords({
  cause,
  evidence,
  source,
}: Pick<Finding, "cause" | "evidence" | "source">): CauseWords {
  if (source === "async") return asyncCauseWords(cause);
  if (evidence === "advisory") return ADVISORY;
  return evidence === "exposed" ? EXPOSED : WORDS[cause];
}
