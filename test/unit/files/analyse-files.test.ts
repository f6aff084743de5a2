import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { KnownSettings } from "../../../core/analyze/known-settings.ts";
import { FindingDocument } from "../../../core/model/finding.ts";
import { ScanSettings } from "../../../core/model/settings.ts";
import { analyseFiles } from "../../../files/analyse-files.ts";
import type { LogFile } from "../../../files/log-file.ts";
import { consumerOf, settingsOf } from "../../support/delivery-paths.ts";
import { EXPORTERS, type ExportedEvent, type ExportFormat } from "../../support/exported-logs.ts";
import {
  iso,
  messageId,
  OTHER_FUNCTION_ARN,
  QUEUE_ARN,
  requestId,
  STREAM,
  sqsEvent,
  textInvocation,
  uuid,
} from "../../support/log-lines.ts";

const NOTHING: KnownSettings = {
  queues: new Map(),
  unnamedQueue: undefined,
  mappings: [],
  functions: new Map(),
};
const KNOWN: KnownSettings = {
  ...NOTHING,
  queues: new Map([[QUEUE_ARN, settingsOf({ visibilityTimeoutSeconds: 30 })]]),
  mappings: [consumerOf({ queueArn: QUEUE_ARN }).mapping],
};

const fileOf = (name: string, content: string | Uint8Array): LogFile => ({
  name,
  sizeBytes: content.length,
  logStream: null,
  open: () => Readable.from([Buffer.from(content)]),
});

interface Options {
  readonly known?: KnownSettings;
  readonly progress?: (look: string, file: LogFile) => void;
}

async function analyse(files: readonly LogFile[], { known = KNOWN, progress = () => {} }: Options = {}) {
  let nowMs = Date.UTC(2026, 10, 23, 18);
  const document = await analyseFiles({
    files,
    known,
    settings: ScanSettings.parse({}),
    nowMs: () => {
      nowMs += 1000;
      return nowMs;
    },
    progress,
  });
  return FindingDocument.parse(document);
}

/** A message that came twice: the second copy `gapMs` after the first, which runs for `runMs`. */
function twice(n: number, gapMs: number, runMs: number, status?: "error" | "timeout"): ExportedEvent[] {
  const event = (receiveCount: number) => sqsEvent({ messageId: messageId(n), receiveCount });
  const at = n * 600_000;
  return [
    ...textInvocation({
      id: requestId(2 * n),
      startMs: at,
      durationMs: runMs,
      prints: [event(1)],
      logStream: `${STREAM}${2 * n}`,
      ...(status && { status }),
    }),
    ...textInvocation({
      id: requestId(2 * n + 1),
      startMs: at + gapMs,
      durationMs: 500,
      prints: [event(2)],
      logStream: `${STREAM}${2 * n + 1}`,
    }),
  ];
}

const EVENTS = [
  ...twice(1, 31_000, 50_000),
  ...twice(2, 32_000, 40_000),
  ...twice(3, 45_000, 3000, "error"),
].toSorted((a, b) => a.timestampMs - b.timestampMs);

/** What was found, whatever the files were called. */
const found = ({ paths, findings, scan }: FindingDocument) => ({ paths, findings, window: scan.window });

describe("analyseFiles", () => {
  test("finds what was delivered twice, and tells it from a retry", async () => {
    const [text = ""] = Object.values(EXPORTERS["filter-log-events"](EVENTS));
    const document = await analyse([fileOf("a.json", text)]);
    expect(
      document.findings.map(({ cause, evidence, counts }) => [cause, evidence, counts.messages]),
    ).toEqual([
      ["visibility-expired", "proven", 2],
      ["function-error", "proven", 1],
    ]);
    expect(document.paths).toMatchObject([
      { queueArn: QUEUE_ARN, verdict: "duplicating", logsRead: true, incomplete: true },
    ]);
    expect(document.scan).toMatchObject({
      id: "analysis-20261123T180001Z",
      durationMs: 1000,
      window: { start: "2026-11-23T12:10:00.000Z", end: "2026-11-23T12:31:00.000Z" },
      logBytesScanned: text.length,
    });
  });

  test("says so where the settings name several consumers and the lines none of them", async () => {
    const [text = ""] = Object.values(EXPORTERS["filter-log-events"](EVENTS));
    const second = consumerOf({ uuid: "2", queueArn: QUEUE_ARN, functionArn: OTHER_FUNCTION_ARN }).mapping;
    const { paths } = await analyse([fileOf("a.json", text)], {
      known: { ...KNOWN, mappings: [...KNOWN.mappings, second] },
    });
    expect(paths[0]?.note).toMatch(/which of its consumers wrote some of the lines is not known$/);
    expect(paths[0]?.functionArns.map((arn) => arn.split(":").at(-1))).toEqual([
      "charge-orders",
      "bill-order",
      "unknown-function",
    ]);
  });

  test("without settings, receives that nothing explains are no health", async () => {
    const lines = (receiveCount: number) =>
      [1, 2, 3].flatMap((n) =>
        textInvocation({
          id: requestId(n),
          startMs: n * 60_000,
          durationMs: 500,
          prints: [sqsEvent({ messageId: messageId(n), receiveCount })],
        }),
      );
    const verdictOf = async (receiveCount: number, known?: KnownSettings) => {
      const [text = ""] = Object.values(EXPORTERS["filter-log-events"](lines(receiveCount)));
      const { paths } = await analyse([fileOf("a.json", text)], { known: known ?? NOTHING });
      return { verdict: paths[0]?.verdict, note: paths[0]?.note };
    };
    expect(await verdictOf(2)).toEqual({
      verdict: "unknown",
      note: "3 messages had been received before, and no line shows by whom; the queue's settings are not known",
    });
    expect((await verdictOf(1)).verdict).toBe("healthy");
    expect((await verdictOf(2, KNOWN)).verdict).toBe("healthy");
  });

  describe("a function without a queue", () => {
    const snsEvent = JSON.stringify({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          Sns: {
            Type: "Notification",
            MessageId: uuid(1, "d"),
            TopicArn: "arn:aws:sns:us-east-1:123456789012:t",
          },
        },
      ],
    });
    const run = (n: number, startMs: number, prints: string[], status?: "error") =>
      textInvocation({ id: requestId(n), startMs, durationMs: 500, prints, ...(status && { status }) });
    const analysed = async (events: readonly ExportedEvent[], known = NOTHING) => {
      const [text = ""] = Object.values(EXPORTERS["filter-log-events"](events));
      return analyse([fileOf("/logs/aws/lambda/on-upload/a.json", text)], { known });
    };
    const functionArns = ["arn:aws:lambda:unknown:unknown:function:on-upload"];

    test("is an asynchronous path where an event's id was logged, or one request ran twice", async () => {
      const { paths, findings, scan } = await analysed([
        ...run(1, 0, ["begun"], "error"),
        ...run(1, 60_000, ["begun"]),
      ]);
      expect(paths).toMatchObject([{ source: "async", functionArns, verdict: "retrying", incomplete: true }]);
      expect(paths[0]?.queueArn).toBeUndefined();
      expect(findings).toMatchObject([{ cause: "async-retry", evidence: "proven" }]);
      expect(scan).toMatchObject({ account: "unknown", region: "unknown" });
      expect(scan.unreadable.map(({ resource }) => resource)).toEqual(["CloudWatch metrics"]);
      expect((await analysed(run(1, 0, [snsEvent]))).paths).toMatchObject([
        { source: "async", verdict: "healthy" },
      ]);
    });

    test("is of an unknown queue where message ids were logged, and where nothing was", async () => {
      const queueArn = "arn:aws:sqs:unknown:unknown:unknown-queue-of-on-upload";
      const named = await analysed(run(1, 0, [`messageId: '${messageId(1)}'`]));
      expect(named.paths).toMatchObject([{ queueArn, functionArns, verdict: "healthy" }]);
      const silent = await analysed(run(1, 0, ["done"]));
      expect(silent.paths).toMatchObject([{ queueArn, verdict: "unknown" }]);
    });
  });

  test("no finding holds anything of a message's body", async () => {
    const secret = "card 4000-0000";
    const events = EVENTS.map((event) => ({
      ...event,
      message: event.message.replace('"body":"{}"', `"body":"${secret}"`),
    }));
    expect(JSON.stringify(events)).toContain(secret);
    const [text = ""] = Object.values(EXPORTERS["tail (detailed)"](events));
    const document = await analyse([fileOf("a.txt", `${secret}\n${text}`)]);
    expect(document.findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(document)).not.toContain("4000-0000");
  });

  test("each file is looked at before any is read", async () => {
    const texts = Object.values(EXPORTERS["get-log-events"](EVENTS.slice(0, 8)));
    const steps: string[] = [];
    await analyse(
      texts.map((text, index) => fileOf(`${index}`, text)),
      { progress: (look, { name }) => steps.push(`${look} ${name}`) },
    );
    expect(steps.slice(0, texts.length)).toEqual(texts.map((_, index) => `first ${index}`));
    expect(steps.slice(texts.length).every((step) => step.startsWith("second "))).toBe(true);
  });

  describe("does not depend on how a log is split into files, nor on their order", () => {
    const split = fc.record({
      cuts: fc.array(fc.nat({ max: EVENTS.length }), { maxLength: 6 }),
      keys: fc.infiniteStream(fc.nat()),
      gzip: fc.boolean(),
    });
    test.each<ExportFormat>([
      "filter-log-events",
      "tail (detailed)",
      "filter-log-events --output text",
      "one event a line",
      "get-query-results",
    ])("%s", async (format) => {
      const content = (events: readonly ExportedEvent[]) => Object.values(EXPORTERS[format](events))[0] ?? "";
      const whole = found(await analyse([fileOf("whole", content(EVENTS))]));
      await fc.assert(
        fc.asyncProperty(split, async ({ cuts, keys, gzip }) => {
          const edges = [0, ...cuts.toSorted((a, b) => a - b), EVENTS.length];
          const parts = edges.slice(1).map((edge, index) => content(EVENTS.slice(edges[index], edge)));
          const files = parts
            .map((part, index) => fileOf(`part-${index}`, gzip ? gzipSync(part) : part))
            .map((file) => ({ file, key: keys.next().value }))
            .sort((a, b) => a.key - b.key);
          expect(found(await analyse(files.map(({ file }) => file)))).toEqual(whole);
        }),
        { numRuns: 25 },
      );
    });

    test("pages of one stream that nothing names", async () => {
      // One environment that worked on the same message twice, and once more after an error.
      const stream = [...twice(1, 51_000, 50_000), ...twice(3, 45_000, 3000, "error")]
        .map((event) => ({ ...event, logStream: STREAM }))
        .toSorted((a, b) => a.timestampMs - b.timestampMs);
      const content = (events: readonly ExportedEvent[]) =>
        Object.values(EXPORTERS["get-log-events"](events))[0] ?? "";
      const whole = found(await analyse([fileOf("whole", content(stream))]));
      expect(whole.findings.length).toBeGreaterThan(1);
      const cuts = fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(cuts, fc.boolean(), async (at, backwards) => {
          const edges = [...new Set([0, ...at, stream.length])].toSorted((a, b) => a - b);
          const parts = edges
            .slice(1)
            .map((edge, index) => fileOf(`${index}`, content(stream.slice(edges[index], edge))));
          expect(found(await analyse(backwards ? parts.toReversed() : parts))).toEqual(whole);
        }),
        { numRuns: 50 },
      );
    });

    test("a file given twice under two names", async () => {
      for (const format of ["filter-log-events", "get-log-events"] as const) {
        const files = Object.entries(EXPORTERS[format](EVENTS)).map(([name, text]) => fileOf(name, text));
        const copies = files.map((file) => ({ ...file, name: `copy of ${file.name}` }));
        expect(found(await analyse([...files, ...copies]))).toEqual(found(await analyse(files)));
      }
    });
  });

  describe("what could not be read", () => {
    const [text = ""] = Object.values(EXPORTERS["tail (detailed)"](EVENTS)) as string[];

    test("is counted and shown with its place, and the rest is judged", async () => {
      const { scan, findings, paths } = await analyse([
        fileOf("good.txt", `end of an earlier line\nanother\n${text}`),
        fileOf("notes.txt", "hello\n"),
        fileOf("cut.gz", gzipSync(text).subarray(0, gzipSync(text).length / 2)),
      ]);
      expect(scan.unreadable).toEqual([
        {
          resource: "good.txt",
          reason: expect.stringMatching(/^2 entries \(\d+\.\d %\) are no log events: line 1, 2$/),
        },
        { resource: "notes.txt", reason: expect.stringMatching(/^no log event was recognised; expected/) },
        { resource: "cut.gz", reason: "the gzip data ends too soon; what comes before the cut was read" },
        expect.objectContaining({ resource: "CloudWatch metrics" }),
      ]);
      expect(findings.map(({ cause }) => cause)).toContain("visibility-expired");
      expect(paths[0]?.note).toContain("the logs were cut off: counts are lower bounds");
    });

    test.each([
      {
        name: "one file",
        files: [fileOf("notes.txt", "hello\n")],
        message: /^cannot read notes\.txt: no log event was recognised; expected an export to S3/,
      },
      {
        name: "an archive",
        files: [fileOf("a.zip", "PK\u0003\u0004....")],
        message: /^cannot read a\.zip: it is a ZIP archive; unpack it first$/,
      },
      {
        name: "several",
        files: [fileOf("a", "x"), fileOf("b", "")],
        message: /^cannot read any of the 2 files: no log event was recognised/,
      },
      { name: "an empty folder", files: [], message: /^cannot read the folder: there is no file in it$/ },
    ])("$name without any log event is an error", async ({ files, message }) => {
      await expect(analyse(files)).rejects.toThrow(
        expect.objectContaining({ name: "UnreadableError", message: expect.stringMatching(message) }),
      );
    });
  });

  test("times in whole seconds make no overlap of runs that follow each other", async () => {
    // 0.9 s into a second one run ends and another begins; cut to whole seconds, the second would begin 0.9 s before.
    const [first = [], second = []] = [0, 1].map((n) =>
      textInvocation({
        id: requestId(n),
        startMs: n * 31_900,
        durationMs: n === 0 ? 31_900 : 1950,
        prints: [
          `${iso(n)}\t${requestId(n)}\tINFO\t${sqsEvent({ messageId: messageId(1), receiveCount: n + 1 })}`,
        ],
      }),
    );
    const short = [...first, ...second]
      .map(
        ({ timestampMs, message }) =>
          `${new Date(timestampMs).toISOString().slice(0, 19)} ${message.trimEnd()}\n`,
      )
      .join("");
    const { findings } = await analyse([fileOf("tail.txt", short)]);
    expect(findings.map(({ cause }) => cause)).toEqual(["deleted-too-late"]);
  });
});
