// The hourly series of one path as hours of its history.
import type { DeliveryPath } from "../../model/delivery-path.ts";
import type { Window } from "../../model/measurement.ts";
import { activeFunctions } from "../consumers.ts";
import { hourlyFunctionSeriesId, hourlyQueueSeriesId } from "../metric-requests.ts";
import { type SeriesReader, total } from "../series-reader.ts";
import { type HistoryHour, HOUR_MS } from "./history.ts";

/**
 * @param window what the series were asked for, in whole hours.
 * @returns undefined when any part of it could not be read (the reader then knows why): missing invocations would
 * make a lower ratio look usual.
 */
export function readHours(
  path: DeliveryPath,
  window: Window,
  reader: SeriesReader,
): HistoryHour[] | undefined {
  const arn = path.queueArn;
  const sent = reader.points(hourlyQueueSeriesId(arn), arn);
  const invocations = activeFunctions(path).map((one) =>
    reader.points(hourlyFunctionSeriesId(arn, one.arn), one.arn),
  );
  if (sent === null || invocations.includes(null)) return undefined;
  return sent.map((messages, hour) => ({
    startMs: window.startMs + hour * HOUR_MS,
    messages,
    invocations: total(invocations.map((points) => points?.[hour] ?? 0)),
  }));
}
