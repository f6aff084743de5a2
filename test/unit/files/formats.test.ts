import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { detectFormat } from "../../../files/formats/detect.ts";
import type { FileEvent } from "../../../files/log-event.ts";
import {
  EXPORT_FORMATS,
  EXPORTERS,
  type ExportedEvent,
  type ExportFormat,
  tailShort,
} from "../../support/exported-logs.ts";
import { iso, messageId, requestId, sqsEvent, textInvocation } from "../../support/log-lines.ts";

interface Parsed {
  readonly format: string | undefined;
  readonly events: FileEvent[];
  readonly unreadable: number[];
}

/** @param cuts where the text is cut into pieces. */
function parse(text: string, cuts: readonly number[] = []): Parsed {
  const events: FileEvent[] = [];
  const unreadable: number[] = [];
  const format = detectFormat(text);
  const parser = format?.createParser({
    event: (event) => events.push(event),
    unreadable: (line) => unreadable.push(line),
  });
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  for (const [index, edge] of edges.slice(1).entries()) parser?.write(text.slice(edges[index], edge));
  parser?.end();
  return { format: format?.name, events, unreadable };
}

const STREAMS = [1, 2].map((n) => `2026/11/23/[$LATEST]${String(n).repeat(32)}`);
const EVENTS: readonly ExportedEvent[] = STREAMS.flatMap((logStream, n) =>
  textInvocation({
    id: requestId(n),
    startMs: n * 1000,
    durationMs: 700,
    logStream,
    prints: [
      `${iso(n * 1000 + 1)}\t${requestId(n)}\tINFO\t${sqsEvent({ messageId: messageId(1), body: 'said "hi", left\\\n' })}`,
      `Traceback, "quoted", with a comma\n  File "a.py", line 3\n\n    boom\tat last`,
      '{"level":"INFO","requestId":"x","message":"[{\\"events\\":[]}]"}',
    ],
  }),
);

const plain = ({ timestampMs, logStream, message }: ExportedEvent | FileEvent) => ({
  timestampMs,
  logStream,
  // Tools end messages as they like, and some drop blank lines inside.
  message: message
    .replaceAll("\r", "")
    .trim()
    .replaceAll(/\n\s*\n/g, "\n"),
});

/** The text of the files of one format; streams only where it names them in the text. */
function textsOf(format: ExportFormat): string[] {
  return Object.values(EXPORTERS[format](EVENTS)).filter((content) => typeof content === "string");
}

const IN_TEXT = EXPORT_FORMATS.filter(
  (format) => !["export to S3", "subscription, archived"].includes(format),
);
const WITHOUT_STREAM = new Set(["get-log-events", "get-log-events --output text", "console, CSV"]);

describe("formats", () => {
  test.each(IN_TEXT)("%s: every event comes back as it was", (format) => {
    const parsed = textsOf(format).map((text) => parse(text));
    const events = parsed.flatMap((one) => one.events).toSorted((a, b) => a.timestampMs - b.timestampMs);
    const json = format === "tail --format json";
    const compact = (event: ReturnType<typeof plain>) =>
      json && event.message.startsWith("{")
        ? { ...event, message: JSON.stringify(JSON.parse(event.message)) }
        : event;
    const expected = EVENTS.map(plain).map((event) =>
      WITHOUT_STREAM.has(format) ? { ...event, logStream: null } : event,
    );
    expect(new Set(events.map(plain).map(compact))).toEqual(new Set(expected));
    expect(events).toHaveLength(EVENTS.length);
    expect(parsed.flatMap((one) => one.unreadable)).toEqual([]);
  });

  test.each(IN_TEXT)("%s: the same wherever the text is cut, with any line breaks", (format) => {
    const [text = ""] = textsOf(format);
    const whole = parse(text);
    void fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 12 }), (cuts) => {
        expect(parse(text, cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
    const inJson = text.startsWith("{") || text.startsWith("[");
    if (!inJson)
      expect(parse(text.replaceAll(/\r?\n/g, "\r\n")).events.map(plain)).toEqual(whole.events.map(plain));
  });

  test("tail --format short has whole seconds and no streams", () => {
    const [text = ""] = Object.values(tailShort(EVENTS)) as string[];
    expect(detectFormat(text)).toMatchObject({ name: "tail-short", wholeSeconds: true });
    const { events } = parse(text);
    expect(events).toHaveLength(EVENTS.length);
    expect(events.map(({ timestampMs }) => timestampMs % 1000)).toEqual(events.map(() => 0));
  });

  test("no text makes a parser fail, and nothing is lost without a word", () => {
    const begin = fc.constantFrom(
      "",
      "{\n",
      "[[{",
      '{"events":[',
      "timestamp,message\n",
      "EVENTS\t1\t",
      "2026-11-23T12:00:00.000Z START\n",
      "2026-11-23T12:00:00 START\n",
    );
    void fc.assert(
      fc.property(begin, fc.string({ unit: "binary", maxLength: 300 }), (head, tail) => {
        const { events, unreadable } = parse(head + tail);
        expect(events.length + unreadable.length).toBeLessThanOrEqual((head + tail).length);
      }),
    );
  });
});

// Shapes from public documentation and issue threads, with invented ids, names and times.
describe("formats as they were seen in public", () => {
  test.each<{ seen: string; text: string; format: string; messages: string[]; unreadable?: number[] }>([
    {
      seen: "aws logs tail against an emulator: another stream name, an empty message",
      text: `2021-09-15T07:32:56.816000+00:00 2021/09/15/[LATEST]057d5280 START RequestId: ${requestId(1)} Version: $LATEST
2021-09-15T07:32:56.828000+00:00 2021/09/15/[LATEST]057d5280
2021-09-15T07:32:56.832000+00:00 2021/09/15/[LATEST]057d5280 [INFO]\t2021-09-15T07:32:56.597Z\t${requestId(1)}\thello
`,
      format: "tail",
      messages: [
        `START RequestId: ${requestId(1)} Version: $LATEST`,
        "",
        `[INFO]\t2021-09-15T07:32:56.597Z\t${requestId(1)}\thello`,
      ],
    },
    {
      seen: "aws logs tail --format json: whole seconds have no fraction, JSON begins on the next line",
      text: '2022-10-05T08:32:51+00:00 f525e7be-c42d-4f0d\n{\n    "version": "0",\n    "detail": {\n        "key1": "value1"\n    }\n}\n',
      format: "tail",
      messages: ['\n{\n    "version": "0",\n    "detail": {\n        "key1": "value1"\n    }\n}'],
    },
    {
      seen: "coloured, as aws logs tail --color on",
      text: "\u001b[32m2026-11-23T12:00:00.000000+00:00\u001b[0m \u001b[36m2026/11/23/[$LATEST]ab\u001b[0m done\n",
      format: "tail",
      messages: ["done"],
    },
    {
      seen: "Logs Insights JSON of the console: messages that are JSON come as objects",
      text: '[{"@timestamp":"2026-11-23 12:00:00.000","@message":{"level":"INFO","msg":"x"}},{"@timestamp":"2026-11-23 12:00:01.000","@message":"text"}]',
      format: "json",
      messages: ['{"level":"INFO","msg":"x"}', "text"],
    },
    {
      seen: "CSV with a readable time beside the timestamp",
      text: 'timestamp,datetime,message\n1688396400000,2023-07-03 15:00:00.000,"START RequestId: x\n"\n',
      format: "csv",
      messages: ["START RequestId: x"],
    },
    {
      seen: "the API reference's example of GetLogEvents",
      text: '{"events":[{"ingestionTime":1396035394997,"timestamp":1396035378988,"message":"Example log event 1"}],"nextForwardToken":"f/1","nextBackwardToken":"b/1"}',
      format: "json",
      messages: ["Example log event 1"],
    },
    {
      seen: "Logs Insights results pasted into an issue as a table",
      text: "-----\n|       @timestamp        | @message |\n|---|---|\n| 2020-05-15 01:03:27.131 | END RequestId: x  |\n",
      format: "table",
      messages: ["END RequestId: x"],
      unreadable: [1, 2, 3],
    },
    {
      seen: "messages of Lambda's JSON log format saved alone, one a line",
      text: `{"time":"2026-11-23T12:00:00.000Z","type":"platform.start","record":{"requestId":"${requestId(1)}"}}\n{"timestamp":"2026-11-23T12:00:00.100Z","level":"INFO","requestId":"${requestId(1)}","message":"hi"}\n`,
      format: "json",
      messages: [
        `{"time":"2026-11-23T12:00:00.000Z","type":"platform.start","record":{"requestId":"${requestId(1)}"}}`,
        `{"timestamp":"2026-11-23T12:00:00.100Z","level":"INFO","requestId":"${requestId(1)}","message":"hi"}`,
      ],
    },
    {
      seen: "several answers of get-log-events appended to one file",
      text: '{\n"events":[{"timestamp":1396035378988,"message":"a"}]\n}\n{\n"events":[{"timestamp":1396035378989,"message":"b"}]\n}\n',
      format: "json",
      messages: ["a", "b"],
    },
    {
      seen: "--query 'events[].[timestamp,logStreamName,message]' --output text",
      text: "1688396400000\t2023/07/03/[$LATEST]ab\tline one\nline two\n1688396400001\t2023/07/03/[$LATEST]ab\tlast\n",
      format: "time-stream-message",
      messages: ["line one\nline two", "last"],
    },
    {
      seen: "--query 'events[].[timestamp,message]' --output text",
      text: "1688396400000\tonly\n",
      format: "time-message",
      messages: ["only"],
    },
    {
      seen: "AWS's text output with tokens, searched streams and a page break",
      text: `NEXTTOKEN\tabc\nEVENTS\t${"3".repeat(56)}\t1688396400900\t2023/07/03/[$LATEST]ab\tREPORT\tDuration: 5 ms\t\n\t1688396400000\nSEARCHEDLOGSTREAMS\tTrue\tx\nEVENTS\t${"4".repeat(56)}\t1688396400900\ts\tlast\t1688396400001\n`,
      format: "cli-text",
      messages: ["REPORT\tDuration: 5 ms", "last"],
    },
  ])("$seen", ({ text, format, messages, unreadable = [] }) => {
    const parsed = parse(text);
    expect(parsed.format).toBe(format);
    expect(parsed.events.map(({ message }) => message)).toEqual(messages);
    expect(parsed.unreadable).toEqual(unreadable);
  });

  test.each([
    { name: "prose", text: "Dear all,\nplease find attached the logs.\n" },
    {
      name: "lines of Lambda without any time",
      text: `START RequestId: ${requestId(1)}\nEND RequestId: ${requestId(1)}\n`,
    },
    { name: "CSV of something else", text: "name,amount\nx,1\n" },
    { name: "nothing", text: "" },
  ])("$name is no log that is known", ({ text }) => {
    expect(detectFormat(text)).toBeUndefined();
  });
});

describe("entries that cannot be read", () => {
  test.each<{ name: string; text: string; messages: string[]; unreadable: number[] }>([
    {
      name: "text before the first event",
      text: "end of a message\n2026-11-23T12:00:00.000Z a\n",
      messages: ["a"],
      unreadable: [1],
    },
    {
      name: "rows of JSON without a time, a broken row",
      text: '{"events":[\n{"timestamp":1688396400000,"message":"a"},\n{"message":"b","eventId":"1"},\n{"timestamp":1688396400001,"message":\n',
      messages: ["a"],
      unreadable: [3, 4],
    },
    {
      name: "text between lines of JSON",
      text: '{"timestamp":1688396400000,"message":"a"}\noops, no JSON\n{"timestamp":1688396400001,"message":"b"}\n"text"\n',
      messages: ["a", "b"],
      unreadable: [2, 4],
    },
    {
      name: "a row that is no JSON, a scalar, a statistics row of Logs Insights",
      text: '{"results":[[{"field":"count","value":"3"}],\n{bad},\n7,\n[{"field":"@timestamp","value":"2026-11-23 12:00:00.000"},{"field":"@message","value":"a"}]]}',
      messages: ["a"],
      unreadable: [1, 2],
    },
    {
      name: "records of CSV without a time, an unclosed quote",
      text: 'timestamp,message\n1688396400000,a\nsoon,b\n1688396400001,"never closed\n',
      messages: ["a"],
      unreadable: [3, 4],
    },
    {
      name: "rows of CLI text without a time, and what stands before the first",
      text: "hello\nEVENTS\t1688396400900\ta\t1688396400000\nEVENTS\t1688396400900\tno time\n",
      messages: ["a"],
      unreadable: [1, 3],
    },
  ])("$name", ({ text, messages, unreadable }) => {
    const parsed = parse(text);
    expect(parsed.events.map(({ message }) => message)).toEqual(messages);
    expect(parsed.unreadable).toEqual(unreadable);
  });

  const LONG = "x".repeat(9 * 1024 * 1024);
  test.each([
    { name: "a line", text: `2026-11-23T12:00:00.000Z a\n${LONG}\n2026-11-23T12:00:01.000Z b\n`, at: [2] },
    {
      name: "a line of CLI text",
      text: `EVENTS\t1688396400900\ta\t1688396400000\n${LONG}\nEVENTS\t1688396400900\tb\t1688396400001\n`,
      at: [2],
    },
    {
      name: "a row of JSON",
      text: `{"timestamp":1688396400000,"message":"a"}\n{"x":"${LONG}\n{"timestamp":1688396400001,"message":"b"}\n`,
      at: [2],
    },
    {
      name: "a record of CSV",
      text: `timestamp,message\n1688396400000,a\n1,${LONG}\n1688396400001,b\n`,
      at: [3],
    },
  ])("$name longer than any log event is given up, and reading goes on", ({ text, at }) => {
    // In pieces, as files are read.
    const cuts = Array.from({ length: text.length / 65_536 }, (_, index) => index * 65_536);
    const parsed = parse(text, cuts);
    expect(parsed.events.map(({ message }) => message)).toEqual(["a", "b"]);
    expect(parsed.unreadable).toEqual(at);
  });
});
