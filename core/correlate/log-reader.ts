// The log lines of one function, page by page, into invocations and the messages that each was given. What is
// kept is small (ids, times, counts); a page can be forgotten as soon as it was read.
import type { CorrelationField, ScanSettings } from "../model/settings.ts";
import type { LogLine } from "../ports.ts";
import { compact } from "./compact.ts";
import { isUnhandledError, tellsOfError } from "./error-lines.ts";
import { getOrCreate } from "./get-or-create.ts";
import { InvocationMessages, type SettledMessages } from "./invocation-messages.ts";
import {
  type ApplicationLine,
  type InvocationDraft,
  interval,
  outcomeOf,
  type StreamTracker,
  trackStream,
} from "./invocations.ts";
import { parseJsonLine } from "./json-line.ts";
import type { Correlation, LogObservations, ObservedInvocation } from "./observations.ts";
import { UUID } from "./patterns.ts";
import { type PlatformLine, parseJsonPlatformLine, parseTextPlatformLine } from "./platform-lines.ts";
import { requestIdOf } from "./request-id.ts";
import { type LineScanner, lineScanner, type ScannedLine } from "./scan-line.ts";

export interface LogReaderOptions {
  /** Unqualified. */
  readonly functionArn: string;
  readonly logFormat: "Text" | "JSON";
  readonly settings: Pick<ScanSettings, "messageIdPatterns"> & {
    readonly correlationFields: readonly CorrelationField[];
  };
  /** Records that name another event source are not this path's. */
  readonly queueArn: string;
  /**
   * True when the function consumes other queues too: then only invocations that log where their records came
   * from count, because a bare id could be any queue's.
   * @default false
   */
  readonly consumesOtherQueues?: boolean;
  /** Finds what an invocation was given. @default the received SQS records of the queue */
  readonly scan?: LineScanner;
}

export interface LogReader {
  /** Takes the next lines, in order of timestamp; equal timestamps in any order. */
  read(lines: Iterable<LogLine>): void;
  /** Call once, after the last page. */
  finish(): LogObservations;
}

/** What is kept of an application line. */
interface Content {
  readonly scanned: ScannedLine;
  readonly failed: boolean;
  readonly errorUuids: readonly string[];
}

interface Stream {
  readonly tracker: StreamTracker<Content>;
  timestampMs: number;
  platform: PlatformLine[];
  lines: ApplicationLine<Content>[];
}

const NO_LINES: ApplicationLine<Content>[] = [];
const ANY_UUID = new RegExp(UUID, "g");
const MAX_ERROR_UUIDS = 20;

/** `YYYY/MM/DD/<function>[<version>]…`: how streams are named in log groups that functions may share. */
const SHARED_GROUP_STREAM = /^\d{4}\/\d\d\/\d\d\/([^[/]+)\[/;

/**
 * A reader for the log lines of one function on one delivery path.
 * @throws ConfigError when a pattern of the settings is no regular expression.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html names of streams
 */
export function createLogReader(options: LogReaderOptions): LogReader {
  const scan = options.scan ?? lineScanner(options.settings, options.queueArn);
  const functionName = options.functionArn.split(":")[6];
  const jsonFormat = options.logFormat === "JSON";
  /** null: another function's. */
  const streams = new Map<string, Stream | null>();
  const drafts: InvocationDraft[] = [];
  const messages = new Map<InvocationDraft, InvocationMessages>();
  /** By log stream, that of the invocation which had the latest line: all others rest. */
  const latest = new Map<string, InvocationMessages>();
  let rows = 0;
  let unattributed = 0;

  function attach(line: ApplicationLine<Content>, draft: InvocationDraft | null, enclosed: boolean): void {
    const { scanned, failed, errorUuids } = line.content;
    if (!draft) {
      if (scanned.records.length > 0) unattributed += 1;
      return;
    }
    if (failed) draft.failed = true;
    if (saysNothing(line.content)) return;
    const kept = getOrCreate(messages, draft, () => new InvocationMessages());
    const before = latest.get(draft.logStream);
    if (before !== kept) {
      before?.rest();
      latest.set(draft.logStream, kept);
    }
    kept.add(scanned, enclosed, errorUuids);
  }

  function newStream(name: string): Stream | null {
    const owner = SHARED_GROUP_STREAM.exec(name)?.[1];
    if (owner !== undefined && owner !== functionName) return null;
    return {
      tracker: trackStream<Content>(name, (draft) => drafts.push(draft), attach),
      timestampMs: Number.NEGATIVE_INFINITY,
      platform: [],
      lines: NO_LINES,
    };
  }

  function flush(stream: Stream): void {
    if (stream.platform.length + stream.lines.length === 0) return;
    stream.tracker.add(stream.timestampMs, stream.platform, stream.lines);
    if (stream.platform.length > 0) stream.platform = [];
    stream.lines = NO_LINES;
  }

  function take({ timestampMs, logStream, message: raw }: LogLine): void {
    const stream = getOrCreate(streams, logStream, () => newStream(logStream));
    if (!stream) return;
    rows += 1;
    if (timestampMs !== stream.timestampMs) flush(stream);
    stream.timestampMs = timestampMs;
    const message = raw.trimStart();
    const json = parseJsonLine(message);
    const platform = json ? parseJsonPlatformLine(json, timestampMs) : parseTextPlatformLine(message);
    if (platform) {
      stream.platform.push(platform);
      return;
    }
    const content: Content = {
      scanned: scan(message),
      failed: isUnhandledError(message),
      errorUuids: tellsOfError(message, json) ? uuidsOf(message) : [],
    };
    const line = { timestampMs, named: requestIdOf(message, json, jsonFormat), content };
    // Most milliseconds have one line, and a list of one is made smaller than one that grows.
    if (stream.lines.length === 0) stream.lines = [line];
    else stream.lines.push(line);
  }

  return {
    read(lines) {
      for (const line of lines) take(line);
    },
    finish() {
      for (const stream of streams.values()) {
        if (!stream) continue;
        flush(stream);
        stream.tracker.finish();
      }
      const invocations: ObservedInvocation[] = [];
      const correlations: Correlation[] = [];
      for (const draft of drafts) {
        const concurrent = streams.get(draft.logStream)?.tracker.concurrent() === true;
        const kept = messages.get(draft)?.settle({
          onlyNamed: concurrent,
          onlyStatedSource: options.consumesOtherQueues === true,
        });
        messages.delete(draft);
        invocations.push(observed(draft, options.functionArn, kept));
        if (kept) correlations.push(...kept.correlations);
      }
      return { functionArn: options.functionArn, invocations, correlations, rows, unattributed };
    },
  };
}

function saysNothing({ scanned: { records, source, loose }, errorUuids }: Content): boolean {
  const found = records.length + loose.receiveCounts.length + loose.correlations.length + errorUuids.length;
  return found === 0 && source === "not-said";
}

function observed(
  draft: InvocationDraft,
  functionArn: string,
  kept: SettledMessages | undefined,
): ObservedInvocation {
  const { startMs, endMs } = interval(draft);
  return {
    requestId: draft.requestId,
    functionArn,
    startedAtMs: startMs,
    endedAtMs: endMs,
    outcome: outcomeOf(draft),
    logStream: draft.logStream,
    firstLineMs: draft.firstLineMs,
    lastLineMs: draft.lastLineMs,
    outcomeStated: draft.stated !== null || draft.failed,
    platformSeen: draft.startMs !== null || draft.endMs !== null,
    messages: kept?.messages ?? [],
    blamed: kept?.blamed ?? [],
  };
}

function uuidsOf(message: string): string[] {
  return (message.match(ANY_UUID) ?? []).slice(0, MAX_ERROR_UUIDS).map((id) => compact(id.toLowerCase()));
}
