import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { LogLine } from "../../../core/ports.ts";
import type { LogFile } from "../../../files/log-file.ts";
import { readInOrder } from "../../../files/read-in-order.ts";
import { surveyFiles } from "../../../files/survey-files.ts";
import { platformRequestId, unnamedStreams } from "../../../files/unnamed-streams.ts";
import { end, iso, requestId, start, T0 } from "../../support/log-lines.ts";

interface Event {
  readonly ms: number;
  readonly stream?: string;
  readonly message?: string;
}

const fileOf = (name: string, events: readonly Event[]): LogFile => {
  const rows = events.map(({ ms, stream, message = `${ms}` }) =>
    JSON.stringify({
      timestamp: T0 + ms,
      message,
      ...(stream && { logStreamName: stream }),
      ingestionTime: 1,
    }),
  );
  const text = rows.map((row) => `${row}\n`).join("");
  const open = () => {
    opened.push(name);
    return Readable.from([Buffer.from(text)]);
  };
  return { name, sizeBytes: text.length, logStream: null, open };
};

/** Names of files, in the order in which they were opened. */
const opened: string[] = [];

async function readAll(files: readonly LogFile[], maxSortedLength?: number) {
  const { surveyed } = await surveyFiles(files, {
    note: () => {},
    originOf: () => undefined,
  });
  const lines: LogLine[] = [];
  opened.splice(0);
  const pages = readInOrder(surveyed, maxSortedLength);
  let page = await pages.next();
  for (; page.done !== true; page = await pages.next()) lines.push(...page.value);
  return { lines, opened: [...opened], unreadable: page.value };
}

const timesByStream = (lines: readonly LogLine[]) => {
  const byStream = Map.groupBy(lines, ({ logStream }) => logStream);
  return Object.fromEntries(
    [...byStream].map(([stream, own]) => [stream, own.map(({ timestampMs }) => timestampMs - T0)]),
  );
};

describe("readInOrder", () => {
  test.each<{ name: string; files: Record<string, Event[]>; opened: string[]; streamed: boolean }>([
    {
      name: "parts that follow each other are streamed, whatever they are called",
      files: {
        z: [
          { ms: 0, stream: "s" },
          { ms: 5, stream: "s" },
        ],
        a: [
          { ms: 5, stream: "s" },
          { ms: 9, stream: "s" },
        ],
      },
      opened: ["z", "a"],
      streamed: true,
    },
    {
      name: "streams of their own need no common order",
      files: {
        a: [{ ms: 50, stream: "s" }],
        b: [
          { ms: 0, stream: "t" },
          { ms: 90, stream: "t" },
        ],
      },
      opened: ["a", "b"],
      streamed: true,
    },
    {
      name: "newest first is sorted",
      files: {
        a: [
          { ms: 9, stream: "s" },
          { ms: 5, stream: "s" },
          { ms: 0, stream: "s" },
        ],
      },
      opened: ["a"],
      streamed: false,
    },
    {
      name: "files over the same time are sorted together",
      files: {
        a: [
          { ms: 0, stream: "s" },
          { ms: 6, stream: "s" },
        ],
        b: [
          { ms: 3, stream: "s" },
          { ms: 4, stream: "t" },
        ],
        c: [{ ms: 1, stream: "t" }],
      },
      opened: ["a", "c", "b"],
      streamed: false,
    },
  ])("$name", async ({ files, opened, streamed }) => {
    const all = Object.entries(files).map(([name, events]) => fileOf(name, events));
    const read = await readAll(all);
    for (const times of Object.values(timesByStream(read.lines))) {
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
    expect(read.lines).toHaveLength(Object.values(files).flat().length);
    expect({ opened: read.opened, unreadable: read.unreadable }).toEqual({ opened, unreadable: [] });
    // Where nothing may be sorted, only what can be streamed is read.
    expect((await readAll(all, 0)).lines.length > 0).toBe(streamed);
  });

  test("what is too much to sort is named, and the rest is read", async () => {
    const { lines, unreadable } = await readAll(
      [
        fileOf("mixed", [
          { ms: 2, stream: "s" },
          { ms: 1, stream: "s" },
        ]),
        fileOf("fine", [{ ms: 0, stream: "t" }]),
      ],
      10,
    );
    expect(lines.map(({ logStream }) => logStream)).toEqual(["t"]);
    expect(unreadable).toEqual([
      {
        resource: "mixed",
        reason: expect.stringMatching(/^its events are not in order of time, .* too much to sort/),
      },
    ]);
  });

  test("any distribution over files, in any order, gives each stream's events in order of time", async () => {
    const event = fc.record({ ms: fc.nat({ max: 50 }), stream: fc.constantFrom("s", "t", "u") });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 5 }), async (parts) => {
        const { lines } = await readAll(parts.map((events, index) => fileOf(`f${index}`, events)));
        const expected = Map.groupBy(parts.flat(), ({ stream }) => stream);
        expect(timesByStream(lines)).toEqual(
          Object.fromEntries(
            [...expected].map(([stream, own]) => [stream, own.map(({ ms }) => ms).toSorted((a, b) => a - b)]),
          ),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("streams without a name", () => {
  const part = (
    name: string,
    firstMs: number,
    lastMs: number,
    ids: readonly number[] = [],
    origin?: string,
  ) => ({
    name,
    origin,
    firstMs,
    lastMs,
    requestIds: new Set(ids.map((id) => requestId(id))),
  });

  test.each([
    {
      name: "parts that follow each other",
      files: [part("b", 10, 20), part("a", 0, 10)],
      streams: { a: "a", b: "a" },
    },
    {
      name: "files over the same time",
      files: [part("a", 0, 10), part("b", 5, 20)],
      streams: { a: "a", b: "b" },
    },
    {
      name: "overlapping downloads of one stream",
      files: [part("a", 0, 10, [1, 2]), part("b", 5, 20, [2, 3])],
      streams: { a: "a", b: "a" },
    },
    {
      name: "an invocation cut in two, though another stream ended nearer",
      files: [part("a", 0, 10, [1]), part("b", 0, 12, [2]), part("c", 13, 20, [1])],
      streams: { a: "a", b: "b", c: "a" },
    },
    {
      name: "files of different functions",
      files: [part("a", 0, 10, [], "f"), part("b", 11, 20, [], "g")],
      streams: { a: "a", b: "b" },
    },
    {
      name: "a part that says nothing of its function, where there is only one",
      files: [part("a", 0, 10, [], "f"), part("b", 11, 20)],
      streams: { a: "a", b: "a" },
    },
  ])("$name", ({ files, streams }) => {
    expect(Object.fromEntries(unnamedStreams(files))).toEqual(streams);
  });

  test.each([
    [start(requestId(1)), requestId(1)],
    [end(requestId(2)), requestId(2)],
    [`{"time":"${iso(0)}","type":"platform.report","record":{"requestId":"${requestId(3)}"}}`, requestId(3)],
    [`{"type":"platform.extension","record":{"name":"x"}}`, undefined],
    [`{"requestId":"${requestId(4)}"}`, undefined],
    [`INFO RequestId: ${requestId(5)}`, undefined],
  ])("%s → %s", (message, id) => {
    expect(platformRequestId(message)).toBe(id);
  });

  test("are called after the first of their files", async () => {
    const { surveyed, renamed } = await surveyFiles(
      [
        fileOf("second", [{ ms: 20, message: end(requestId(1)) }]),
        fileOf("first", [{ ms: 0, message: start(requestId(1)) }]),
        fileOf("empty", []),
      ],
      { note: () => {}, originOf: () => undefined },
    );
    const names = surveyed.map(({ spans }) => [...spans.keys()]);
    expect(names[0]).toEqual(names[1]);
    expect(names[2]).toEqual([]);
    expect([...renamed.values()]).toEqual([names[0]?.[0], names[0]?.[0]]);
  });
});
