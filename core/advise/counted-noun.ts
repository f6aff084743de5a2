import type { Finding } from "../model/finding.ts";

/** What a finding's `counts.messages` counts. */
export function countedNoun({ cause, source }: Pick<Finding, "cause" | "source">): string {
  if (source === "async") return "event";
  return cause === "async-retry" ? "invocation" : "message";
}
