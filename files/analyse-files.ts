// Log files in, finding document out: a first look at all of them, then their lines in order of time.
import { createAnalysis } from "../core/analyze/analyse-logs.ts";
import type { KnownSettings } from "../core/analyze/known-settings.ts";
import { createSurveyor } from "../core/analyze/stream-survey.ts";
import { UnreadableError } from "../core/errors.ts";
import type { Unreadable } from "../core/model/delivery-path.ts";
import type { FindingDocument } from "../core/model/finding.ts";
import type { ScanSettings } from "../core/model/settings.ts";
import { KNOWN_FORMATS } from "./formats/detect.ts";
import type { LogFile } from "./log-file.ts";
import { logGroupOfPath } from "./log-group-of-path.ts";
import { readInOrder } from "./read-in-order.ts";
import { type SurveyedFile, surveyFiles } from "./survey-files.ts";

export interface AnalyseFilesOptions {
  readonly files: readonly LogFile[];
  readonly known: KnownSettings;
  readonly settings: ScanSettings;
  readonly nowMs: () => number;
  /** Told of each piece of a file that is read, with its length in bytes; each file is read twice. */
  readonly progress: (look: Look, file: LogFile, bytes: number) => void;
}

export type Look = "first" | "second";

/** @throws UnreadableError when no file holds a log event. */
export async function analyseFiles(options: AnalyseFilesOptions): Promise<FindingDocument> {
  const { known, settings, nowMs, progress } = options;
  let look: Look = "first";
  const files = options.files.map((file) => watched(file, (bytes) => progress(look, file, bytes)));
  const startedAtMs = nowMs();
  const surveyor = createSurveyor();
  const { surveyed, renamed } = await surveyFiles(files, {
    note: (stream, event, file) =>
      surveyor.note(stream, { ...event, logGroup: event.logGroup ?? logGroupOfPath(file.name, known) }),
    originOf: surveyor.originOf,
  });
  if (surveyed.every(({ report }) => report.events === 0)) throw nothingRecognised(surveyed);
  const analysis = createAnalysis({
    survey: surveyor.finish(renamed),
    known,
    settings,
    wholeSecondStreams: new Set(
      surveyed.filter(({ report }) => report.format?.wholeSeconds).flatMap(({ spans }) => [...spans.keys()]),
    ),
  });
  look = "second";
  const pages = readInOrder(surveyed);
  let page = await pages.next();
  for (; page.done !== true; page = await pages.next()) analysis.read(page.value);
  return analysis.finish({
    unreadable: [...surveyed.flatMap(problemsOf), ...page.value],
    bytesRead: surveyed.reduce((sum, { report }) => sum + report.textLength, 0),
    startedAtMs,
    endedAtMs: nowMs(),
  });
}

/** The same file, with an ear for what is read of it. */
const watched = (file: LogFile, heard: (bytes: number) => void): LogFile => ({
  ...file,
  async *open() {
    for await (const piece of file.open()) {
      heard(piece.length);
      yield piece;
    }
  },
});

/** What of one file could not be read: never the text itself, only where it stands. */
function problemsOf({ file, report }: SurveyedFile): Unreadable[] {
  const { problem, unreadable, events } = report;
  const found = problem === undefined ? [] : [{ resource: file.name, reason: problem }];
  if (unreadable.count === 0 || events === 0) return found;
  const share = (100 * unreadable.count) / (unreadable.count + events);
  const percent = share < 0.1 ? "less than 0.1 %" : `${share.toFixed(1)} %`;
  const many = unreadable.count === 1 ? "1 entry" : `${unreadable.count} entries`;
  const first = unreadable.firstLines.join(", ");
  return [...found, { resource: file.name, reason: `${many} (${percent}) are no log events: line ${first}` }];
}

function nothingRecognised([first, ...others]: readonly SurveyedFile[]): UnreadableError {
  if (first === undefined) return new UnreadableError("the folder", "there is no file in it");
  return others.length === 0
    ? new UnreadableError(first.file.name, first.report.problem ?? "there is no log event in it")
    : new UnreadableError(
        `any of the ${others.length + 1} files`,
        `no log event was recognised; expected ${KNOWN_FORMATS}`,
      );
}
