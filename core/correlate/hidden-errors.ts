// Old REPORT lines say nothing of how a run ended. Then only the Errors metric tells that some of the runs that look like
// successes were none.
import type { WindowTotals } from "../model/measurement.ts";
import type { SeenDeliveries } from "./deliveries.ts";
import type { ObservedInvocation } from "./observations.ts";

/** none = a silent success is one · some = it may have failed · most = nearly all whose messages came back had failed. */
export type HiddenErrors = "none" | "some" | "most";

/** Hidden errors matter from this share of the silent successes on whose messages came back. */
const SHARE_THAT_MATTERS = 0.1;
/** Hidden errors explain the returns if they are at least this share of them. */
const SHARE_OF_MOST = 0.9;
/** Fewer may be of messages that went to the dead-letter queue, or come back later. */
const LEAST_FOR_MOST = 5;
/** Other triggers' errors hide nothing of the queue's; they may be so many of all invocations. */
const MAX_OTHER_TRIGGERS = 0.05;

/**
 * Compares the failures that the metric counts and the logs do not show with the invocations whose messages came back
 * although nothing states that they failed. Where rows were cut off, errors are taken to be spread evenly over the
 * invocations.
 * @param inWindow invocations that began in the window.
 * @param accountedFor how many of them failed, or may yet.
 */
export function hiddenErrors(
  inWindow: readonly ObservedInvocation[],
  accountedFor: number,
  { histories }: SeenDeliveries,
  { errors, invocations }: Pick<WindowTotals, "errors" | "invocations">,
): HiddenErrors {
  const read = invocations ? Math.min(1, inWindow.length / invocations) : 1;
  const hidden = (errors ?? 0) * read - accountedFor;
  if (hidden <= 0) return "none";
  const cameBack = new Set<ObservedInvocation>();
  for (const history of histories.values()) {
    for (let index = 0; index < history.length - 1; index++) {
      const delivery = history[index];
      if (delivery === undefined || !isSilent(delivery.invocation)) continue;
      // Handed back by name, which needs no failed run.
      if (!delivery.invocation.blamed.includes(delivery.messageId)) cameBack.add(delivery.invocation);
    }
  }
  if (hidden < SHARE_THAT_MATTERS * cameBack.size) return "none";
  const others = inWindow.filter(({ messages }) => messages.length === 0).length;
  const onlyOurs = others <= MAX_OTHER_TRIGGERS * inWindow.length;
  return onlyOurs && hidden >= LEAST_FOR_MOST && hidden >= SHARE_OF_MOST * cameBack.size ? "most" : "some";
}

/** True where nothing but the absence of a failure tells of success. */
export function isSilent({ outcome, outcomeStated }: ObservedInvocation): boolean {
  return outcome === "success" && !outcomeStated;
}
