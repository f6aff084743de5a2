import type { Advice } from "../../model/finding.ts";
import type { AdviceContext } from "./context.ts";
import { logLines } from "./log-lines.ts";

/** For consumers that do not log the ids of all records: without them nothing can be proven. */
export const logMessageId = (context: AdviceContext): Advice => ({
  kind: "log-message-id",
  summary:
    "Log the message id and receive count of each record: with these three lines the next scan can prove what happened to each message.",
  patch: logLines(context),
});

/** For consumers that log ids alone: the count shows the receives that no invocation saw. */
export const logReceiveCount = (context: AdviceContext): Advice => ({
  kind: "log-receive-count",
  summary:
    "Log the receive count beside each message id: it shows receives that led to no invocation, and so tells throttling from duplicates.",
  patch: logLines(context),
});
