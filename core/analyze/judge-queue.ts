// One delivery path, judged by its log lines alone.
import { diagnosePath, type PathDiagnosis } from "../advise/diagnose-path.ts";
import type { LogObservations, ObservedInvocation } from "../correlate/observations.ts";
import { correlatePath } from "../correlate/path-deliveries.ts";
import { assessExposure } from "../detect/exposure.ts";
import { measurePath } from "../detect/measure-path.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { PathMeasurement, Window } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import { ASSUMED_UUID } from "./assemble-paths.ts";
import { METRICS, ONLY_LOGS } from "./not-read.ts";
import { unseenReceives } from "./unseen-receives.ts";

const SETTINGS_UNKNOWN = "the queue's settings are not known";
const WRITER_UNKNOWN = "which of its consumers wrote some of the lines is not known";

export interface LogsOnly {
  readonly window: Window;
  readonly settings: ScanSettings;
  /** True when something of the files could not be read. */
  readonly truncated: boolean;
}

export function judgeQueue(
  path: DeliveryPath,
  observations: readonly LogObservations[],
  { window, settings, truncated }: LogsOnly,
): PathDiagnosis {
  const measurement = measurementOf(path, observations, window);
  const deliveries = correlatePath({
    path,
    measurement,
    observations,
    bytesScanned: 0,
    truncated,
    unreadable: [],
  });
  const { verdict, findings } = diagnosePath({ path, measurement, deliveries, settings });
  const unseen = path.settings === undefined ? unseenReceives(observations) : 0;
  const isSilent = verdict.verdict === "healthy" && unseen > 0;
  const notes = [
    isSilent ? `${unseen} messages had been received before, and no line shows by whom` : verdict.note,
    path.settings === undefined ? SETTINGS_UNKNOWN : undefined,
    isWriterUnknown(path) ? WRITER_UNKNOWN : undefined,
  ];
  const note = notes.filter((each) => each !== undefined).join("; ");
  return {
    findings,
    verdict: {
      ...verdict,
      verdict: isSilent ? "unknown" : verdict.verdict,
      ...(note === "" ? {} : { note }),
      incomplete: true,
      logsRead: true,
      idle: false,
    },
  };
}

/** True where the settings name the queue's consumers, and lines are of a function that is none of them. */
function isWriterUnknown({ consumers }: DeliveryPath): boolean {
  const assumed = consumers.filter(({ mapping }) => mapping.uuid === ASSUMED_UUID);
  return assumed.length > 0 && assumed.length < consumers.length;
}

/** What can be measured without metrics: the settings against the durations that the logs show. */
function measurementOf(
  path: DeliveryPath,
  observations: readonly LogObservations[],
  window: Window,
): PathMeasurement {
  const durations = observations.map(({ functionArn, invocations }) => ({
    functionArn,
    maxMs: invocations.reduce((longest: number | null, i) => Math.max(longest ?? 0, durationMs(i)), null),
    p99Ms: null,
  }));
  return {
    ...measurePath({ path, window, series: new Map() }),
    exposure: assessExposure(path, durations),
    suspicions: [ONLY_LOGS],
    unreadable: [METRICS],
  };
}

function durationMs({ startedAtMs, endedAtMs }: ObservedInvocation): number {
  return startedAtMs === null || endedAtMs === null ? 0 : endedAtMs - startedAtMs;
}
