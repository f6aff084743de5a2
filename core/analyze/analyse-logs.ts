// The diagnosis without an account: log lines in, one finding document out. The same reader, classifier and advice as
// the scan's, with what only an account knows left out and said so.
import { diagnosePath } from "../advise/diagnose-path.ts";
import { getOrCreate } from "../correlate/get-or-create.ts";
import { createLogReader, type LogReader } from "../correlate/log-reader.ts";
import { knownEndMs, type LogObservations, type ObservedInvocation } from "../correlate/observations.ts";
import { correlatePath } from "../correlate/path-deliveries.ts";
import { assessExposure } from "../detect/exposure.ts";
import { measurePath } from "../detect/measure-path.ts";
import type { Unreadable } from "../model/delivery-path.ts";
import { type FindingDocument, type PathVerdict, SCHEMA_VERSION } from "../model/finding.ts";
import type { PathMeasurement, Window } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { LogLine } from "../ports.ts";
import { accountOfArn } from "../scan/arn.ts";
import { scanIdOf } from "../scan/claim-scan.ts";
import { distinctUnreadable } from "../scan/unreadable.ts";
import { ASSUMED_UUID, type AssembledPath, assemblePaths } from "./assemble-paths.ts";
import { findFunctions, type LoggedFunction, UNKNOWN_QUEUE_ARN } from "./find-functions.ts";
import type { KnownSettings } from "./known-settings.ts";
import type { Survey } from "./stream-survey.ts";
import { unseenReceives } from "./unseen-receives.ts";

export interface AnalysisInput {
  readonly survey: Survey;
  readonly known: KnownSettings;
  readonly settings: ScanSettings;
  /** Streams whose times are cut to whole seconds. */
  readonly wholeSecondStreams: ReadonlySet<string>;
}

export interface AnalysisEnd {
  /** What of the files could not be read. */
  readonly unreadable: readonly Unreadable[];
  readonly bytesRead: number;
  /** Epoch ms. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

export interface Analysis {
  /** Takes the next lines; those of one stream in order of timestamp. */
  read(lines: readonly LogLine[]): void;
  /** Call once, after the last lines. */
  finish(end: AnalysisEnd): FindingDocument;
}

const MINUTE_MS = 60_000;
const METRICS: Unreadable = {
  resource: "CloudWatch metrics",
  reason: "log files hold none, so throttling and what consumers do not log cannot be seen",
};
const SETTINGS_UNKNOWN = "the queue's settings are not known";
const WRITER_UNKNOWN = "which of its consumers wrote some of the lines is not known";
const ONLY_LOGS = "only log files were read";

interface Reading {
  readonly logged: LoggedFunction;
  readonly reader: LogReader;
}

/** @throws ConfigError when a pattern of the settings is no regular expression. */
export function createAnalysis({ survey, known, settings, wholeSecondStreams }: AnalysisInput): Analysis {
  const functions = findFunctions(survey.streams, known);
  const paths = assemblePaths(functions, known).map((assembled) => ({
    ...assembled,
    readings: assembled.logged.map(
      (logged): Reading => ({
        logged,
        reader: createLogReader({
          functionArn: logged.arn,
          logFormat: logged.logFormat,
          settings,
          queueArn: assembled.path.queueArn,
          consumesOtherQueues: logged.queueArns.length > 1,
        }),
      }),
    ),
  }));
  const readersOf = new Map<string, LogReader[]>();
  for (const { logged, reader } of paths.flatMap(({ readings }) => readings)) {
    for (const stream of logged.streams) readersOf.set(stream, [...(readersOf.get(stream) ?? []), reader]);
  }
  const window = windowOf(survey);

  return {
    read(lines) {
      const shares = new Map<LogReader, LogLine[]>();
      for (const line of lines) {
        for (const reader of readersOf.get(line.logStream) ?? []) {
          getOrCreate(shares, reader, () => []).push(line);
        }
      }
      for (const [reader, share] of shares) reader.read(share);
    },
    finish({ unreadable, bytesRead, startedAtMs, endedAtMs }) {
      const judged = paths.map(({ readings, ...assembled }) => {
        const observations = readings.map(({ reader }) => settled(reader.finish(), wholeSecondStreams));
        return judge(assembled, observations, window, settings, unreadable.length > 0);
      });
      return {
        schemaVersion: SCHEMA_VERSION,
        scan: {
          id: `analysis-${scanIdOf(new Date(startedAtMs).toISOString())}`,
          ...placeOf(paths),
          window: {
            start: new Date(window.startMs).toISOString(),
            end: new Date(window.endMs).toISOString(),
          },
          durationMs: endedAtMs - startedAtMs,
          apiCalls: {},
          estimatedCostUsd: 0,
          logBytesScanned: bytesRead,
          excludedQueues: 0,
          sampledQueues: [],
          unreadable: distinctUnreadable([
            ...unreadable,
            ...paths.flatMap(({ path }) => path.unreadable),
            METRICS,
          ]),
        },
        paths: judged.map(({ verdict }) => verdict),
        findings: judged.flatMap(({ findings }) => findings),
      };
    },
  };
}

function judge(
  { path }: AssembledPath,
  observations: readonly LogObservations[],
  window: Window,
  settings: ScanSettings,
  truncated: boolean,
) {
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
    } satisfies PathVerdict,
  };
}

/** True where the settings name the queue's consumers, and lines are of a function that is none of them. */
function isWriterUnknown({ consumers }: AssembledPath["path"]): boolean {
  const assumed = consumers.filter(({ mapping }) => mapping.uuid === ASSUMED_UUID);
  return assumed.length > 0 && assumed.length < consumers.length;
}

/** What can be measured without metrics: the settings against the durations that the logs show. */
function measurementOf(
  path: AssembledPath["path"],
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

/**
 * With times cut to whole seconds, "end − duration" may lie up to a second before the true start, and two runs that
 * followed each other would seem to overlap. The line's own time is never later than the truth by that much.
 */
function settled(observations: LogObservations, wholeSeconds: ReadonlySet<string>): LogObservations {
  if (wholeSeconds.size === 0) return observations;
  return {
    ...observations,
    invocations: observations.invocations.map((one) =>
      one.startedAtMs === null || !wholeSeconds.has(one.logStream)
        ? one
        : { ...one, startedAtMs: Math.min(Math.max(one.startedAtMs, one.firstLineMs), knownEndMs(one)) },
    ),
  };
}

/** From the first to the last line, in whole minutes. */
function windowOf({ span }: Survey): Window {
  const { firstMs, lastMs } = span ?? { firstMs: 0, lastMs: 0 };
  return {
    startMs: Math.floor(firstMs / MINUTE_MS) * MINUTE_MS,
    endMs: (Math.floor(lastMs / MINUTE_MS) + 1) * MINUTE_MS,
  };
}

/** Account and Region of the queues, where they have one in common. */
function placeOf(paths: readonly AssembledPath[]): { account: string; region: string } {
  const arns = paths.map(({ path }) => path.queueArn).filter((arn) => !arn.startsWith(UNKNOWN_QUEUE_ARN));
  const common = (part: (arn: string) => string) => {
    const [first, ...others] = new Set(arns.map(part));
    return first !== undefined && others.length === 0 ? first : "unknown";
  };
  return { account: common(accountOfArn), region: common((arn) => arn.split(":")[3] ?? "unknown") };
}
