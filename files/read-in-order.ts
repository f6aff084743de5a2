// The second look: the events of each stream in order of time, which is what reading them needs. Files that follow
// each other are streamed; where events stand in another order (newest first, several files over the same time),
// the files that share streams are sorted in memory, up to a limit.
import { groupsOf } from "../core/correlate/join-groups.ts";
import type { Unreadable } from "../core/model/delivery-path.ts";
import type { LogLine } from "../core/ports.ts";
import { readEvents } from "./read-events.ts";
import type { StreamSpan, SurveyedFile } from "./survey-files.ts";

/** Characters of text that are sorted at a time. */
const MAX_SORTED_LENGTH = 256 * 1024 * 1024;
const PAGE = 5_000;

/**
 * Pages of lines; the generator's return value is what could not be read.
 * @param maxSortedLength for tests.
 */
export async function* readInOrder(
  files: readonly SurveyedFile[],
  maxSortedLength = MAX_SORTED_LENGTH,
): AsyncGenerator<readonly LogLine[], Unreadable[]> {
  const unreadable: Unreadable[] = [];
  for (const group of sharingStreams(files)) {
    const length = group.reduce((sum, { report }) => sum + report.textLength, 0);
    if (isInOrder(group)) {
      for (const file of group) yield* linesOf(file);
    } else if (length <= maxSortedLength) {
      const lines: LogLine[] = [];
      for (const file of group) {
        for await (const page of linesOf(file)) lines.push(...page);
      }
      lines.sort((a, b) => a.timestampMs - b.timestampMs);
      for (let from = 0; from < lines.length; from += PAGE) yield lines.slice(from, from + PAGE);
    } else {
      const megabytes = (count: number) => `${Math.round(count / 1e6)} MB`;
      for (const { file } of group) {
        unreadable.push({
          resource: file.name,
          reason: `its events are not in order of time, alone or together with files of the same streams, and ${megabytes(length)} are too much to sort (at most ${megabytes(maxSortedLength)}): export them oldest first, or a shorter time`,
        });
      }
    }
  }
  return unreadable;
}

/** Files that have a stream in common, together, in order of their first event. */
function sharingStreams(files: readonly SurveyedFile[]): SurveyedFile[][] {
  const withEvents = files.filter(({ spans }) => spans.size > 0);
  const groups = groupsOf(
    withEvents.map(({ file, spans }) => ({ key: file.name, members: [...spans.keys()] })),
  );
  const keyOf = new Map(
    groups.flatMap(({ key, members }) => members.map((stream) => [stream, key] as const)),
  );
  const keyOfFile = ({ spans }: SurveyedFile) => {
    const [stream = ""] = spans.keys();
    return keyOf.get(stream);
  };
  return [...Map.groupBy(withEvents, keyOfFile).values()].map((group) =>
    group.toSorted((a, b) => firstMs(a) - firstMs(b) || lastMs(a) - lastMs(b)),
  );
}

function isInOrder(group: readonly SurveyedFile[]): boolean {
  const readUntil = new Map<string, number>();
  return group.every(({ spans }) =>
    [...spans].every(([stream, span]) => {
      const follows = span.rising && span.firstMs >= (readUntil.get(stream) ?? Number.NEGATIVE_INFINITY);
      readUntil.set(stream, span.lastMs);
      return follows;
    }),
  );
}

async function* linesOf({ file, streamOf }: SurveyedFile): AsyncGenerator<readonly LogLine[]> {
  for await (const page of readEvents(file)) {
    yield page.map((event) => ({
      timestampMs: event.timestampMs,
      logStream: streamOf(event),
      message: event.message,
    }));
  }
}

const valuesOf = ({ spans }: SurveyedFile, pick: (span: StreamSpan) => number) =>
  [...spans.values()].map(pick);
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
const firstMs = (file: SurveyedFile) => least(valuesOf(file, (span) => span.firstMs));
const lastMs = (file: SurveyedFile) => -least(valuesOf(file, (span) => -span.lastMs));
