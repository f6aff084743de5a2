// The diagnosis without an account: log lines in, one finding document out. The same reader, classifier and advice as
// the scan's, with what only an account knows left out and said so.
import { scanEvents } from "../correlate/async/event-ids.ts";
import { getOrCreate } from "../correlate/get-or-create.ts";
import { createLogReader, type LogReader } from "../correlate/log-reader.ts";
import type { LogObservations } from "../correlate/observations.ts";
import type { Unreadable } from "../model/delivery-path.ts";
import { type FindingDocument, SCHEMA_VERSION } from "../model/finding.ts";
import type { Window } from "../model/measurement.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { LogLine } from "../ports.ts";
import { accountOfArn } from "../scan/arn.ts";
import { scanIdOf } from "../scan/claim-scan.ts";
import { distinctUnreadable } from "../scan/unreadable.ts";
import { assemblePaths } from "./assemble-paths.ts";
import { findFunctions, type LoggedFunction, UNKNOWN_QUEUE_ARN } from "./find-functions.ts";
import { judgeAsync, looksAsync } from "./judge-async.ts";
import { judgeQueue, type LogsOnly } from "./judge-queue.ts";
import type { KnownSettings } from "./known-settings.ts";
import { METRICS } from "./not-read.ts";
import type { Survey } from "./stream-survey.ts";
import { settled } from "./whole-seconds.ts";

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
/** What findFunctions writes for parts of ARNs that are not known. */
const UNKNOWN = "unknown";
const NO_READING = { logged: undefined, eventReader: undefined };
interface Reading {
  readonly logged: LoggedFunction;
  readonly reader: LogReader;
  /** Where no queue is known there may be none: finds events instead of messages. */
  readonly eventReader: LogReader | undefined;
}

/** @throws ConfigError when a pattern of the settings is no regular expression. */
export function createAnalysis({ survey, known, settings, wholeSecondStreams }: AnalysisInput): Analysis {
  const functions = findFunctions(survey.streams, known);
  const paths = assemblePaths(functions, known).map(({ path, logged }) => ({
    path,
    readings: logged.map((one) => readingOf(one, path.queueArn, settings)),
  }));
  const readersOf = new Map<string, LogReader[]>();
  for (const { logged, reader, eventReader } of paths.flatMap(({ readings }) => readings)) {
    const readers = eventReader === undefined ? [reader] : [reader, eventReader];
    for (const stream of logged.streams) getOrCreate(readersOf, stream, () => []).push(...readers);
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
      const logs: LogsOnly = { window, settings, truncated: unreadable.length > 0 };
      const finished = (reader: LogReader) => settled(reader.finish(), wholeSecondStreams);
      const judged = paths.map(({ path, readings }) => {
        const observations = readings.map(({ reader }) => finished(reader));
        const [{ logged, eventReader } = NO_READING] = readings;
        if (logged !== undefined && eventReader !== undefined && !observations.some(namesMessages)) {
          const events = finished(eventReader);
          if (looksAsync(events)) return { ...judgeAsync(logged, events, known, logs), unreadable: [] };
        }
        return { ...judgeQueue(path, observations, logs), unreadable: path.unreadable };
      });
      return {
        schemaVersion: SCHEMA_VERSION,
        scan: {
          id: `analysis-${scanIdOf(new Date(startedAtMs).toISOString())}`,
          ...placeOf(functions),
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
            ...judged.flatMap((each) => each.unreadable),
            METRICS,
          ]),
        },
        paths: judged.map(({ verdict }) => verdict),
        findings: judged.flatMap(({ findings }) => findings),
      };
    },
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

/** Account and Region of queues and functions, where they have one in common. */
function placeOf(functions: readonly LoggedFunction[]): { account: string; region: string } {
  const arns = functions.flatMap(({ arn, queueArns }) => [arn, ...queueArns]);
  const common = (part: (arn: string) => string | undefined) => {
    const [first, ...others] = new Set(arns.map(part).filter((value) => value !== UNKNOWN));
    return first !== undefined && others.length === 0 ? first : UNKNOWN;
  };
  return { account: common(accountOfArn), region: common((arn) => arn.split(":")[3]) };
}

function readingOf(logged: LoggedFunction, queueArn: string, settings: ScanSettings): Reading {
  const { arn: functionArn, logFormat, queueArns } = logged;
  const options = { functionArn, logFormat, settings, queueArn, consumesOtherQueues: queueArns.length > 1 };
  return {
    logged,
    reader: createLogReader(options),
    eventReader: queueArn.startsWith(UNKNOWN_QUEUE_ARN)
      ? createLogReader({ ...options, queueArn: "", scan: scanEvents })
      : undefined,
  };
}

const namesMessages = ({ invocations }: LogObservations): boolean =>
  invocations.some(({ messages }) => messages.length > 0);
