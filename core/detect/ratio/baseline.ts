// The path's hours from scan to scan: which are missing, how new ones are joined, and when to start afresh.
import type { DeliveryPath } from "../../model/delivery-path.ts";
import type { Window } from "../../model/measurement.ts";
import type { RatioBaseline } from "../../model/ratio-baseline.ts";
import { activeConsumers } from "../consumers.ts";
import { ceilToHour, type HistoryHour, HOUR_MS, LEAST_MESSAGES } from "./history.ts";

/**
 * A baseline of weeks is no better for the last few hours, and CloudWatch is paid by the metric, however many
 * points are asked for. So it is brought up to date once a day …
 */
const REFRESH_HOURS = 24;
/** … but by the hour while it holds less than a day of hours that count. */
const THIN_HOURS = 24;

/**
 * What of a path decides how many invocations its messages need: the polling functions with batch size, batching
 * window and number of filters. Timeouts and partial batch responses are left out on purpose: what they do to the
 * ratio is what we look for. So are versions and aliases, because a deployment must not hide what it broke.
 *
 * @returns undefined where nothing polls, or a polling function could not be read: then invocations are unknown.
 */
export function setUpOf(path: DeliveryPath): string | undefined {
  const consumers = activeConsumers(path);
  const parts = consumers.flatMap(({ mapping, function: consumer }) =>
    consumer === undefined
      ? []
      : [
          `${consumer.arn} batch=${mapping.batchSize} window=${mapping.maximumBatchingWindowSeconds} filters=${mapping.filterCount}`,
        ],
  );
  return parts.length === 0 || parts.length < consumers.length ? undefined : parts.sort().join("\n");
}

/**
 * The baseline to go on with: the one kept, or, where the path's set-up has changed since, an empty one.
 * @param nowMs from when on whole hours belong to the new set-up; it is unknown when in between it changed.
 */
export function continueBaseline(
  kept: RatioBaseline | undefined,
  setUp: string,
  nowMs: number,
): RatioBaseline | undefined {
  if (kept === undefined || kept.setUp === setUp) return kept;
  const restartedMs = ceilToHour(nowMs);
  return { setUp, fromMs: restartedMs, untilMs: restartedMs, restartedMs, hours: [] };
}

/**
 * The hours to ask for; undefined while the baseline is fresh enough.
 * @param wanted all hours that the baseline shall cover, the last of them settled.
 */
export function missingHours(baseline: RatioBaseline | undefined, wanted: Window): Window | undefined {
  const fromMs = Math.max(wanted.startMs, baseline?.restartedMs ?? wanted.startMs);
  const reachesBack = baseline !== undefined && baseline.fromMs <= fromMs;
  const startMs = reachesBack ? Math.max(fromMs, baseline.untilMs) : fromMs;
  // No gap may be left before the hours that are known.
  const endMs = reachesBack ? wanted.endMs : Math.max(wanted.endMs, baseline?.fromMs ?? wanted.endMs);
  const enough = !reachesBack || isThin(baseline) ? 1 : REFRESH_HOURS;
  return (endMs - startMs) / HOUR_MS >= enough ? { startMs, endMs } : undefined;
}

const isThin = ({ hours }: RatioBaseline): boolean =>
  hours.filter(([, messages]) => messages >= LEAST_MESSAGES).length < THIN_HOURS;

/**
 * Joins newly read hours: an hour read again replaces what was known of it, idle hours are not kept, and hours
 * before `horizonMs` are forgotten. Repeating it changes nothing, and neither does the order of the hours.
 */
export function extendBaseline(
  baseline: RatioBaseline | undefined,
  setUp: string,
  read: { readonly window: Window; readonly hours: readonly HistoryHour[] },
  horizonMs: number,
): RatioBaseline {
  const byHour = new Map<number, RatioBaseline["hours"][number]>(
    (baseline?.hours ?? []).map((hour) => [hour[0], hour]),
  );
  for (const { startMs, messages, invocations } of read.hours) {
    const hour = startMs / HOUR_MS;
    if (messages > 0 || invocations > 0) byHour.set(hour, [hour, messages, invocations]);
    else byHour.delete(hour);
  }
  return {
    setUp,
    fromMs: Math.max(horizonMs, Math.min(read.window.startMs, baseline?.fromMs ?? read.window.startMs)),
    untilMs: Math.max(read.window.endMs, baseline?.untilMs ?? read.window.endMs),
    ...(baseline?.restartedMs !== undefined &&
      baseline.restartedMs > horizonMs && { restartedMs: baseline.restartedMs }),
    hours: [...byHour.values()].filter(([hour]) => hour * HOUR_MS >= horizonMs).sort(([a], [b]) => a - b),
  };
}

/** The baseline's hours with their units back. */
export const hoursOf = (baseline: RatioBaseline): HistoryHour[] =>
  baseline.hours.map(([hour, messages, invocations]) => ({ startMs: hour * HOUR_MS, messages, invocations }));
