// The causes of an asynchronous path in words: no queue and no message there, but events and runs.
import type { Cause } from "../../model/delivery.ts";
import type { CauseWords } from "../cause-words.ts";

const RETRIED: CauseWords = {
  title: "an asynchronous event was run again after a failure",
  meaning:
    "The function fails on an event, and Lambda runs it again from the start under the same request id, after part of the work may have been done.",
  remedy:
    "Mend the error. Limit the retries of asynchronous events where a second try does harm, and send what fails to an on-failure destination.",
  proof: "one request id that ran again after it had failed",
};

const AGAIN: CauseWords = {
  title: "an asynchronous event was run twice, rarely and without a fault of yours",
  meaning:
    "An event was run again although it had succeeded: its source delivered it twice, or Lambda's own event queue did. Both promise no more than at-least-once delivery.",
  remedy: "No setting prevents it: make the effect happen once, by the id of the event.",
  proof: "the same request id, or the same event under another request id, run again after a success",
};

const UNKNOWN: CauseWords = {
  title: "asynchronous events were run more than once, the cause cannot be told",
  meaning: "Events were run more than once, and the logs do not tell why.",
  remedy:
    "See that the function logs the id of each event, and that its START and REPORT lines are kept, so that the next scan can tell.",
};

/** On asynchronous paths there are no other causes. */
export function asyncCauseWords(cause: Cause): CauseWords {
  if (cause === "async-retry") return RETRIED;
  return cause === "at-least-once" ? AGAIN : UNKNOWN;
}
