// What would settle a finding that is not proven: the next step towards certainty on exactly this path.

import { activeFunctions } from "../detect/consumers.ts";
import type { PathDeliveries } from "../model/delivery.ts";
import type { DeliveryPath, Unreadable } from "../model/delivery-path.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import { METRICS_SETTLE_MINUTES } from "../model/settings.ts";
import { dropsInfoLines, dropsPlatformLines, isText } from "./advice/logging-config.ts";
import type { Sign } from "./signs.ts";
import { logsSeeEverything } from "./signs-from-logs.ts";

/** Advice that comes with a step, with the lines to paste. */
export type SettlingAdvice =
  | "log-message-id"
  | "log-receive-count"
  | "log-platform-lines"
  | "log-info-lines"
  | "log-format-json";

export interface Settling {
  /** A clause that says what to do: lower case, no full stop. */
  readonly step: string;
  readonly advice?: SettlingAdvice;
}

export interface SettleInput {
  readonly path: DeliveryPath;
  readonly measurement: PathMeasurement;
  readonly deliveries: PathDeliveries | undefined;
  readonly sign: Sign;
}

const CUT_OFF: Settling = {
  step: "read every log line (a higher maxLogRows, or a shorter window): some were cut off",
};

const OTHER_SCAN: Settling = { step: "nothing but time: another scan of the day reads this path in full" };

/** Steps in the order to take them; none where the finding is proven and counted whole. */
export function whatWouldSettle(input: SettleInput): Settling[] {
  const { path, measurement, deliveries, sign } = input;
  if (sign.evidence === "proven") return deliveries?.coverage.truncated === true ? [CUT_OFF] : [];
  const unread = [...path.unreadable, ...measurement.unreadable, ...(deliveries?.unreadable ?? [])];
  const steps = [...unread.map(toReadIt), ...fromLogs(input)];
  const distinct = [...new Map(steps.map((settling) => [settling.step, settling])).values()];
  return distinct.length > 0 ? distinct : [nothingMissing(input)];
}

/** Everything is read and named, and yet it is not proven. */
const nothingMissing = ({ sign }: SettleInput): Settling => ({
  step:
    sign.evidence === "exposed" || sign.evidence === "advisory"
      ? "nothing but time: the logs name every message, so a scan after the first run that is too long proves it"
      : "look at a longer window (lookbackMinutes), so that the earlier deliveries of these messages are seen",
});

function fromLogs({ path, measurement, deliveries, sign }: SettleInput): Settling[] {
  if (deliveries === undefined) {
    if (measurement.depth === "screened") return [OTHER_SCAN];
    return [{ step: "let the scan read the logs of the consumers (readLogs, maxLogBytes)" }];
  }
  const { logged, truncated } = deliveries.coverage;
  if (logged === "not-read") return [];
  const functions = activeFunctions(path);
  const steps: Settling[] = [];
  if (functions.some(dropsPlatformLines)) {
    steps.push({
      step: "log when each run begins and how it ends (SystemLogLevel INFO)",
      advice: "log-platform-lines",
    });
  }
  if (logged === "nothing") {
    if (functions.some(dropsInfoLines)) {
      steps.push({
        step: "let ordinary log lines through (ApplicationLogLevel INFO)",
        advice: "log-info-lines",
      });
    }
    steps.push({
      step: "log the message id and receive count of each record: three lines, see the advice",
      advice: "log-message-id",
    });
    return steps;
  }
  if (truncated) return [...steps, CUT_OFF];
  if (measurement.flow !== null && !logsSeeEverything(measurement, deliveries)) {
    const step = "log the message id of every record in every consumer: three lines, see the advice";
    return [...steps, { step, advice: "log-message-id" }];
  }
  if (sign.cause === "unknown" || sign.cause === "throttled") {
    if (logged === "ids") {
      steps.push({ step: "log the receive count beside each message id", advice: "log-receive-count" });
    }
    if (functions.some(isText)) {
      steps.push({ step: "let each run state how it ended (log format JSON)", advice: "log-format-json" });
    }
  }
  return steps;
}

/** How to make readable what was not, by the words of the reason; the first that fits. */
const REMEDIES: readonly (readonly [reason: RegExp, remedy: (unread: Unreadable) => string])[] = [
  [
    /is not allowed|was denied/,
    ({ resource, reason }) => {
      const action = /\b[a-z]+:[A-Z]\w+/.exec(reason)?.[0] ?? "to read it";
      return `allow the scan ${action} for ${resource}`;
    },
  ],
  [/over the byte budget/, () => "raise maxLogBytes, or scan this queue alone (--queue)"],
  [
    /ends so recently/,
    () => `scan again in ${METRICS_SETTLE_MINUTES} minutes, when the metrics of the window have arrived`,
  ],
  [/log files hold none/, () => "scan the account itself (doubletake scan), which reads the metrics too"],
  [/were not given/, ({ resource }) => `give the settings of ${resource} (--queue-config)`],
  [/does not exist/, ({ resource }) => `see why ${resource} does not exist`],
];

/** What AWS could not do for the moment it may do the next time. */
function toReadIt(unread: Unreadable): Settling {
  const [, remedy] = REMEDIES.find(([reason]) => reason.test(unread.reason)) ?? [];
  return { step: remedy?.(unread) ?? `scan again when ${unread.resource} can be read (${unread.reason})` };
}
