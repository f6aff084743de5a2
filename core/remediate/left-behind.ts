// What a change that was broken off has left behind: what whoever reads of it has to know.
import type { Change } from "../model/change.ts";

/** A clause. */
export function leftBehind({ status, plan, rollBack }: Pick<Change, "status" | "plan" | "rollBack">): string {
  switch (status) {
    case "proposed":
    case "waiting":
    case "approved":
    case "rejected":
    case "closed":
      return "nothing was changed";
    case "applying":
      return `the queue may or may not hold ${plan.to} s: look, and set it by hand`;
    case "applied":
    case "confirmed":
      return `the queue was set to ${plan.to} s and is not watched any further`;
    case "rolling-back":
      return rollBack === undefined
        ? `the queue was to be rolled back to ${plan.from} s: look, and set it by hand`
        : `the queue was rolled back to ${plan.from} s`;
  }
}
