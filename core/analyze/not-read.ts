// What no log file holds, in the words of the finding document.
import type { Unreadable } from "../model/delivery-path.ts";

export const METRICS: Unreadable = {
  resource: "CloudWatch metrics",
  reason: "log files hold none, so throttling and what consumers do not log cannot be seen",
};
/** Why logs were read, where no number gave a reason. */
export const ONLY_LOGS = "only log files were read";
