// Amazon CloudWatch Logs: reading events one by one. Like AWS, FilterLogEvents looks at a limited stretch of
// the log per call, so that a page can be empty and still carry a token.
import * as z from "zod";
import { type LogEvent, type SimulatedAccount, SimulatedAwsError } from "../account.ts";
import { compileFilterPattern } from "./filter-pattern.ts";
import { findLogGroup } from "./log-groups.ts";
import { INVALID, oneOf, refuseToken } from "./logs-rules.ts";
import { decodeToken, encodeToken } from "./paging.ts";
import { flag, wholeNumber } from "./parameters.ts";
import { checked, type Operation } from "./service.ts";

const MAX_EVENTS = 10_000;
const MAX_PAGE_BYTES = 1_048_576;
/** Bytes that AWS adds to each event when it measures a page. */
const EVENT_OVERHEAD_BYTES = 26;
/** How many events one FilterLogEvents call looks at before it hands back what it has. */
const SCANNED_PER_PAGE = 10_000;
const FOREVER_MS = 8.64e15;

const TimeMs = wholeNumber(0, FOREVER_MS);
const Group = z.object({ logGroupName: z.string().optional(), logGroupIdentifier: z.string().optional() });

const FilterLogEvents = Group.extend({
  logStreamNames: z.array(z.string()).min(1).max(100).optional(),
  logStreamNamePrefix: z.string().min(1).optional(),
  startTime: TimeMs.optional(),
  endTime: TimeMs.optional(),
  filterPattern: z.string().max(1024).optional(),
  limit: wholeNumber(1, MAX_EVENTS).optional(),
  nextToken: z.string().optional(),
  interleaved: flag.optional(),
  unmask: flag.optional(),
});

const GetLogEvents = Group.extend({
  logStreamName: z.string().min(1),
  startTime: TimeMs.optional(),
  endTime: TimeMs.optional(),
  startFromHead: flag.optional(),
  limit: wholeNumber(1, MAX_EVENTS).optional(),
  nextToken: z.string().optional(),
  unmask: flag.optional(),
});

/** A place in a log: so many events on from the first one at this time. */
const Place = z.tuple([z.int(), z.int().min(0)]);

function sizeOf(event: LogEvent): number {
  return Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
}

/** An event with its place among those of the same millisecond. */
interface Placed {
  readonly event: LogEvent;
  readonly ordinal: number;
}

interface FilteredPage {
  readonly kept: readonly Placed[];
  /** Where the next page begins; undefined at the end. */
  readonly next: z.output<typeof Place> | undefined;
}

/** @param skip how many of the first events were on the page before; all of one millisecond. */
function readPage(
  events: Iterable<LogEvent>,
  skip: number,
  limit: number,
  keep: (event: LogEvent) => boolean,
): FilteredPage {
  const kept: Placed[] = [];
  let bytes = 0;
  let seen = 0;
  let timeMs = -1;
  let ordinal = 0;
  for (const event of events) {
    ordinal = event.timestampMs === timeMs ? ordinal + 1 : 0;
    timeMs = event.timestampMs;
    seen++;
    if (seen <= skip) {
      continue;
    }
    const keeps = keep(event);
    const full = kept.length === limit || (kept.length > 0 && bytes + sizeOf(event) > MAX_PAGE_BYTES);
    if (seen - skip > SCANNED_PER_PAGE || (keeps && full)) {
      return { kept, next: [timeMs, ordinal] };
    }
    if (keeps) {
      kept.push({ event, ordinal });
      bytes += sizeOf(event);
    }
  }
  return { kept, next: undefined };
}

export function eventOperations(account: SimulatedAccount): Record<string, Operation> {
  return {
    FilterLogEvents: checked(INVALID, FilterLogEvents, (input) => {
      const group = findLogGroup(account, oneOf(input.logGroupName, input.logGroupIdentifier));
      const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
      if (names !== undefined && prefix !== undefined) {
        throw new SimulatedAwsError(
          INVALID,
          "Specify either logStreamNames or logStreamNamePrefix, not both.",
        );
      }
      const place =
        input.nextToken === undefined
          ? ([input.startTime ?? 0, 0] as const)
          : (Place.safeParse(decodeToken(input.nextToken)).data ?? refuseToken());
      const matches = compileFilterPattern(input.filterPattern ?? "");
      const { kept, next } = readPage(
        group.events(place[0], (input.endTime ?? FOREVER_MS - 1) + 1),
        place[1],
        input.limit ?? MAX_EVENTS,
        ({ logStream, message }) =>
          (names === undefined || names.includes(logStream)) &&
          logStream.startsWith(prefix ?? "") &&
          matches(message),
      );
      return {
        events: kept.map(({ event, ordinal }) => ({
          eventId: encodeToken([group.name, event.timestampMs, ordinal]),
          logStreamName: event.logStream,
          timestamp: event.timestampMs,
          ingestionTime: event.ingestionMs,
          message: event.message,
        })),
        searchedLogStreams: [],
        nextToken: next && encodeToken(next),
      };
    }),

    GetLogEvents: checked(INVALID, GetLogEvents, (input) => {
      const group = findLogGroup(account, oneOf(input.logGroupName, input.logGroupIdentifier));
      const { logStreamName } = input;
      if (!group.streams().some(({ name }) => name === logStreamName)) {
        throw new SimulatedAwsError("ResourceNotFoundException", "The specified log stream does not exist.");
      }
      const events = [...group.events(input.startTime ?? 0, input.endTime ?? FOREVER_MS, logStreamName)];
      const limit = input.limit ?? MAX_EVENTS;
      const { from, to } = stretch(events.length, limit, input);
      return {
        events: events.slice(from, to).map((event) => ({
          timestamp: event.timestampMs,
          ingestionTime: event.ingestionMs,
          message: event.message,
        })),
        // At either end the service answers with the token it was given, and so do these.
        nextForwardToken: `f/${to}`,
        nextBackwardToken: `b/${from}`,
      };
    }),
  };
}

/** Which events a GetLogEvents call returns: forward from, or backward to, where its token points. */
function stretch(
  count: number,
  limit: number,
  { nextToken, startFromHead }: z.output<typeof GetLogEvents>,
): { from: number; to: number } {
  if (nextToken === undefined) {
    return startFromHead === true
      ? { from: 0, to: Math.min(limit, count) }
      : { from: Math.max(0, count - limit), to: count };
  }
  const match = /^([fb])\/(\d{1,12})$/.exec(nextToken);
  if (match === null) {
    return refuseToken();
  }
  const position = Math.min(Number(match[2]), count);
  return match[1] === "f"
    ? { from: position, to: Math.min(position + limit, count) }
    : { from: Math.max(0, position - limit), to: position };
}
