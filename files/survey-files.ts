// The first look at all files: what streams they hold, in what order, and what could not be read.
import { compact } from "../core/correlate/compact.ts";
import type { FileEvent } from "./log-event.ts";
import type { LogFile } from "./log-file.ts";
import { type FileReport, readEvents } from "./read-events.ts";
import { platformRequestId, unnamedStreams } from "./unnamed-streams.ts";

export interface StreamSpan {
  readonly firstMs: number;
  readonly lastMs: number;
  /** True when its events stand in order of time in this file. */
  readonly rising: boolean;
}

export interface SurveyedFile {
  readonly file: LogFile;
  readonly report: FileReport;
  /** By stream. */
  readonly spans: ReadonlyMap<string, StreamSpan>;
  /** The stream of an event. */
  streamOf(event: FileEvent): string;
}

export interface SurveyOptions {
  /** Takes each event. A stream that the file does not name goes by the name of the file. */
  readonly note: (stream: string, event: FileEvent, file: LogFile) => void;
  /** What is known of the origin of a stream's events; undefined for nothing. */
  readonly originOf: (stream: string) => string | undefined;
}

export interface FilesSurvey {
  /** Files without any event too, with an empty map of spans. */
  readonly surveyed: SurveyedFile[];
  /** File name → the stream that the file turned out to hold a part of. */
  readonly renamed: ReadonlyMap<string, string>;
}

export async function surveyFiles(
  files: readonly LogFile[],
  { note, originOf }: SurveyOptions,
): Promise<FilesSurvey> {
  const looked: Looked[] = [];
  const names = createNames();
  for (const file of files) {
    looked.push(await look(file, names, note));
  }
  const renamed = unnamedStreams(
    looked.flatMap(({ file, spans, requestIds }) => {
      const span = spans.get(UNNAMED);
      return span === undefined
        ? []
        : [{ name: file.name, origin: originOf(file.name), ...span, requestIds }];
    }),
  );
  const surveyed = looked.map(({ file, report, spans }) => {
    const own = renamed.get(file.name) ?? file.name;
    return {
      file,
      report,
      spans: new Map([...spans].map(([name, span]) => [name === UNNAMED ? own : name, span])),
      streamOf: (event: FileEvent) => names(event.logStream ?? file.logStream ?? own),
    };
  });
  return { surveyed, renamed };
}

/** No stream has this name. */
const UNNAMED = "";

interface Looked {
  readonly file: LogFile;
  readonly report: FileReport;
  readonly spans: Map<string, StreamSpan>;
  readonly requestIds: ReadonlySet<string>;
}

/** One copy of each name: a part of a line would keep the whole piece of text alive that it was cut out of. */
function createNames(): (name: string) => string {
  const copies = new Map<string, string>();
  return (name) => {
    const known = copies.get(name);
    if (known !== undefined) return known;
    const copy = compact(name);
    copies.set(copy, copy);
    return copy;
  };
}

async function look(
  file: LogFile,
  names: (name: string) => string,
  note: SurveyOptions["note"],
): Promise<Looked> {
  const spans = new Map<string, StreamSpan>();
  const requestIds = new Set<string>();
  const take = (event: FileEvent) => {
    const stream = names(event.logStream ?? file.logStream ?? UNNAMED);
    spans.set(stream, extended(spans.get(stream), event.timestampMs));
    const id = stream === UNNAMED ? platformRequestId(event.message) : undefined;
    if (id !== undefined) requestIds.add(compact(id.toLowerCase()));
    const named = stream !== UNNAMED;
    note(named ? stream : file.name, { ...event, logStream: named ? stream : null }, file);
  };
  const pages = readEvents(file);
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return { file, report: page.value, spans, requestIds };
    for (const event of page.value) take(event);
  }
}

function extended(span: StreamSpan | undefined, timeMs: number): StreamSpan {
  if (span === undefined) return { firstMs: timeMs, lastMs: timeMs, rising: true };
  return {
    firstMs: Math.min(span.firstMs, timeMs),
    lastMs: Math.max(span.lastMs, timeMs),
    rising: span.rising && timeMs >= span.lastMs,
  };
}
