import { describe, expect, test } from "@jest/globals";
import { createLogReader, type LogReaderOptions } from "../../../core/correlate/log-reader.ts";
import type { LogLine } from "../../../core/ports.ts";
import {
  at,
  end,
  FUNCTION_ARN,
  HANDLE,
  iso,
  messageId,
  QUEUE_ARN,
  report,
  requestId,
  STREAM,
  sqsEvent,
  start,
  T0,
  textInvocation,
  uuid,
} from "../../support/log-lines.ts";

const [R1, R2, R3] = [requestId(1), requestId(2), requestId(3)];
const [M1, M2] = [messageId(1), messageId(2)];
const EVENT = sqsEvent({ messageId: M1 });

function read(lines: readonly LogLine[], over: Partial<LogReaderOptions> = {}) {
  const reader = createLogReader({
    functionArn: FUNCTION_ARN,
    logFormat: "Text",
    settings: { correlationFields: [{ name: "correlationId" }], messageIdPatterns: [] },
    queueArn: QUEUE_ARN,
    ...over,
  });
  reader.read(lines);
  const observations = reader.finish();
  const sightings = observations.invocations.flatMap(({ messages }, invocation) =>
    messages.map((message) => ({ ...message, invocation })),
  );
  return { ...observations, sightings };
}

/** Each invocation as `[request, start, end, outcome, messages]`, times in ms after T0. */
function invocationsOf(lines: readonly LogLine[], over: Partial<LogReaderOptions> = {}) {
  const { invocations, sightings } = read(lines, over);
  const since = (ms: number | null) => (ms === null ? null : ms - T0);
  return invocations.map((i, index) => [
    i.requestId,
    since(i.startedAtMs),
    since(i.endedAtMs),
    i.outcome,
    sightings.filter((s) => s.invocation === index).map((s) => s.messageId),
  ]);
}

const json = (type: string, record: object, offsetMs: number): LogLine =>
  at(offsetMs, JSON.stringify({ time: iso(offsetMs), type: `platform.${type}`, record }));

describe("invocations from messy text logs", () => {
  test.each<{ name: string; lines: LogLine[]; expected: unknown[] }>([
    {
      name: "an event without a request id belongs to what encloses it",
      lines: textInvocation({ id: R1, startMs: 0, durationMs: 500, prints: [EVENT] }),
      expected: [[R1, 0, 500, "success", [M1]]],
    },
    {
      name: "a printed request id of somebody else does not move the line",
      lines: textInvocation({
        id: R1,
        startMs: 0,
        durationMs: 500,
        prints: [`{"requestId":"${uuid(7)}","messageId":"${M1}"}`],
      }),
      expected: [[R1, 0, 500, "success", [M1]]],
    },
    {
      name: "`undefined` in the request id column",
      lines: textInvocation({
        id: R1,
        startMs: 0,
        durationMs: 500,
        prints: [`${iso(1)}\tundefined\tINFO\t${EVENT}`],
      }),
      expected: [[R1, 0, 500, "success", [M1]]],
    },
    {
      name: "the event after REPORT",
      lines: [
        at(0, start(R1)),
        at(500, end(R1)),
        at(500, report(R1, 500)),
        at(600, `${iso(1)}\t${R1}\tINFO\t${EVENT}`),
      ],
      expected: [[R1, 0, 500, "success", [M1]]],
    },
    {
      name: "the event after REPORT, without a request id",
      lines: [at(0, start(R1)), at(500, end(R1)), at(500, report(R1, 500)), at(600, EVENT)],
      expected: [[R1, 0, 500, "success", [M1]]],
    },
    {
      name: "a line long after REPORT belongs to nobody",
      lines: [...textInvocation({ id: R1, startMs: 0, durationMs: 500 }), at(5000, EVENT)],
      expected: [[R1, 0, 500, "success", []]],
    },
    {
      name: "a timeout",
      lines: textInvocation({ id: R1, startMs: 0, durationMs: 3000, status: "timeout", prints: [EVENT] }),
      expected: [[R1, 0, 3000, "timeout", [M1]]],
    },
    {
      name: "a timeout line after an old REPORT without status",
      lines: [
        at(0, start(R1)),
        at(3000, end(R1)),
        at(3000, report(R1, 3000)),
        at(3005, `${iso(3005)} ${R1} Task timed out after 3.00 seconds`),
      ],
      expected: [[R1, 0, 3000, "timeout", []]],
    },
    {
      name: "an error status",
      lines: textInvocation({ id: R1, startMs: 0, durationMs: 10, status: "error" }),
      expected: [[R1, 0, 10, "error", []]],
    },
    {
      name: "an unhandled error where REPORT has no status",
      lines: textInvocation({
        id: R1,
        startMs: 0,
        durationMs: 10,
        prints: ["[ERROR] ValueError: boom\rTraceback"],
      }),
      expected: [[R1, 0, 10, "error", []]],
    },
    {
      name: "a missing REPORT is no success",
      lines: [at(0, start(R1)), at(1, EVENT), at(500, end(R1))],
      expected: [[R1, 0, 500, "unknown", [M1]]],
    },
    {
      name: "a missing END and REPORT",
      lines: [at(0, start(R1)), at(1, EVENT), ...textInvocation({ id: R2, startMs: 900, durationMs: 50 })],
      expected: [
        [R1, 0, null, "unknown", [M1]],
        [R2, 900, 950, "success", []],
      ],
    },
    {
      name: "a missing START: the duration tells when it began, and lines since then are its own",
      lines: [at(50, `messageId=${M2}`), at(1000, EVENT), at(1500, end(R1)), at(1500, report(R1, 800))],
      expected: [[R1, 700, 1500, "success", [M1]]],
    },
    {
      name: "INIT_REPORT before START, X-Ray and Restore after REPORT",
      lines: [
        at(0, "INIT_REPORT Init Duration: 9999.81 ms\tPhase: invoke\tStatus: timeout"),
        ...textInvocation({ id: R1, startMs: 0, durationMs: 500, prints: [EVENT] }),
        at(501, `XRAY TraceId: 1-${uuid(3)}`),
      ],
      expected: [[R1, 0, 500, "success", [M1]]],
    },
    {
      name: "swallowed separators",
      lines: [at(0, start(R1)), at(40, `REPORT RequestId: ${R1}Duration: 38.38 msBilled Duration: 500 ms`)],
      expected: [[R1, 0, 39, "success", []]],
    },
    {
      name: "REPORT printed twice is one invocation",
      lines: [...textInvocation({ id: R1, startMs: 0, durationMs: 500 }), at(501, report(R1, 500))],
      expected: [[R1, 0, 500, "success", []]],
    },
    {
      name: "START printed twice is one invocation",
      lines: [at(0, start(R1)), at(3, start(R1)), at(500, end(R1)), at(500, report(R1, 500))],
      expected: [[R1, 0, 500, "success", []]],
    },
    {
      name: "an asynchronous retry is two invocations under one request id",
      lines: [
        ...textInvocation({ id: R1, startMs: 0, durationMs: 500, status: "error" }),
        ...textInvocation({ id: R1, startMs: 60_000, durationMs: 400 }),
      ],
      expected: [
        [R1, 0, 500, "error", []],
        [R1, 60_000, 60_400, "success", []],
      ],
    },
    {
      name: "two REPORTs that differ are two attempts, even without a START between",
      lines: [...textInvocation({ id: R1, startMs: 0, durationMs: 500 }), at(60_400, report(R1, 400))],
      expected: [
        [R1, 0, 500, "success", []],
        [R1, 60_000, 60_400, "success", []],
      ],
    },
    {
      name: "END and REPORT written late do not lengthen the run",
      lines: [at(0, start(R1)), at(2500, end(R1)), at(2500, report(R1, 500))],
      expected: [[R1, 0, 500, "success", []]],
    },
    {
      name: "all lines stamped at the end do not shorten it",
      lines: [at(5000, start(R1)), at(5000, EVENT), at(5000, end(R1)), at(5000, report(R1, 5000))],
      expected: [[R1, 0, 5000, "success", [M1]]],
    },
    {
      name: "a whole invocation in one millisecond",
      lines: textInvocation({ id: R1, startMs: 0, durationMs: 0 }).concat(at(0, EVENT)),
      expected: [[R1, 0, 0, "success", [M1]]],
    },
    {
      name: "one ends and the next starts in the same millisecond: a line there is nobody's",
      lines: [
        at(0, start(R1)),
        at(500, EVENT),
        at(500, start(R2)),
        at(500, report(R1, 500)),
        at(500, end(R1)),
        at(501, sqsEvent({ messageId: M2 })),
        at(900, end(R2)),
        at(900, report(R2, 400)),
      ],
      expected: [
        [R1, 0, 500, "success", []],
        [R2, 500, 900, "success", [M2]],
      ],
    },
    {
      name: "carriage returns and blanks before the line",
      lines: [at(0, `\r\n${start(R1)}`), at(1, `\r${EVENT}\r`), at(5, end(R1)), at(5, report(R1, 5))],
      expected: [[R1, 0, 5, "success", [M1]]],
    },
  ])("$name", ({ lines, expected }) => {
    expect(invocationsOf(lines)).toEqual(expected);
  });

  test("two attempts reported in one millisecond, in either order", () => {
    const [a, b] = [at(900, report(R1, 500)), at(900, report(R1, 400))];
    const expected = [
      [R1, 500, 900, "success", []],
      [R1, 400, 900, "success", []],
    ];
    expect(invocationsOf([a, b])).toEqual(expected);
    expect(invocationsOf([b, a])).toEqual(expected);
  });

  test("streams are followed apart from each other", () => {
    const [a, b] = [`${STREAM}a`, `${STREAM}b`];
    const lines = [
      ...textInvocation({ id: R1, startMs: 0, durationMs: 500, prints: [EVENT], logStream: a }),
      ...textInvocation({
        id: R2,
        startMs: 0,
        durationMs: 500,
        prints: [sqsEvent({ messageId: M2 })],
        logStream: b,
      }),
    ].sort((x, y) => x.timestampMs - y.timestampMs);
    expect(invocationsOf(lines)).toEqual([
      [R1, 0, 500, "success", [M1]],
      [R2, 0, 500, "success", [M2]],
    ]);
  });

  test("in a shared log group only the function's own streams are read", () => {
    const lines = (name: string, id: string) =>
      textInvocation({ id, startMs: 0, durationMs: 5, logStream: `2026/11/23/${name}[$LATEST]0123` });
    const { invocations, rows } = read([...lines("handle-order", R1), ...lines("bill-order", R2)]);
    expect(invocations.map((i) => i.requestId)).toEqual([R1]);
    expect(rows).toBe(3);
  });

  test("where invocations run at the same time in one stream, only lines that name theirs count", () => {
    const named = (id: string, m: string) => `${iso(0)}\t${id}\tINFO\t${sqsEvent({ messageId: m })}`;
    expect(
      invocationsOf([
        at(0, start(R1)),
        at(10, EVENT),
        at(20, start(R2)),
        at(30, named(R2, M2)),
        at(900, end(R1)),
        at(900, report(R1, 900)),
        at(950, end(R2)),
        at(950, report(R2, 930)),
      ]),
    ).toEqual([
      [R1, 0, 900, "success", []],
      [R2, 20, 950, "success", [M2]],
    ]);
  });

  test("lines that no invocation can be named for are counted", () => {
    const waiting = Array.from({ length: 102 }, () => at(0, EVENT));
    expect(read([...waiting, at(10_000, start(R1))])).toMatchObject({
      unattributed: 102,
      sightings: [],
      rows: 103,
    });
    expect(read([at(0, "nothing to see")])).toMatchObject({ unattributed: 0 });
  });
});

describe("invocations from JSON logs", () => {
  const over = { logFormat: "JSON" as const };
  const app = (offsetMs: number, id: string, message: string) =>
    at(offsetMs, JSON.stringify({ timestamp: iso(offsetMs), level: "INFO", requestId: id, message }));

  test("platform lines give times and outcome", () => {
    const lines = [
      json("start", { requestId: R1 }, 0),
      app(1, R1, EVENT),
      json("runtimeDone", { requestId: R1, status: "success", metrics: { durationMs: 499.2 } }, 500),
      json("report", { requestId: R1, status: "success", metrics: { durationMs: 500 } }, 500),
    ];
    expect(invocationsOf(lines, over)).toEqual([[R1, 0, 500, "success", [M1]]]);
    expect(read(lines, over).invocations[0]).toMatchObject({ outcomeStated: true, platformSeen: true });
  });

  test("with SystemLogLevel WARN only application lines are there: known to run, unknown how it ended", () => {
    const lines = [app(1, R1, EVENT), app(900, R1, "charged")];
    expect(invocationsOf(lines, over)).toEqual([[R1, null, null, "unknown", [M1]]]);
    expect(read(lines, over).invocations[0]).toMatchObject({
      firstLineMs: T0 + 1,
      lastLineMs: T0 + 900,
      platformSeen: false,
    });
  });

  test("… and a report of a failure gives its times back", () => {
    const lines = [
      app(1, R1, EVENT),
      json("report", { requestId: R1, status: "timeout", metrics: { durationMs: 3000 } }, 3000),
    ];
    expect(invocationsOf(lines, over)).toEqual([[R1, 0, 3000, "timeout", [M1]]]);
  });

  test("a START after the first line of its own request", () => {
    const lines = [
      app(0, R1, EVENT),
      json("start", { requestId: R1 }, 1),
      json("report", { requestId: R1, status: "error", metrics: { durationMs: 9 } }, 10),
    ];
    expect(invocationsOf(lines, over)).toEqual([[R1, 1, 10, "error", [M1]]]);
  });

  test("a report without status is no success, unless runtimeDone told", () => {
    const report = json("report", { requestId: R1 }, 10);
    const done = json("runtimeDone", { requestId: R1, status: "success" }, 9);
    expect(invocationsOf([json("start", { requestId: R1 }, 0), report], over)[0]?.[3]).toBe("unknown");
    expect(invocationsOf([json("start", { requestId: R1 }, 0), done, report], over)[0]?.[3]).toBe("success");
  });

  test("lines without any request id need an enclosing START", () => {
    const { sightings, unattributed } = read([app(0, R1, "hello"), at(5000, EVENT)], over);
    expect({ sightings, unattributed }).toEqual({ sightings: [], unattributed: 1 });
  });
});

describe("messages of one invocation", () => {
  const during = (prints: string[], over: Partial<LogReaderOptions> = {}) =>
    read(textInvocation({ id: R1, startMs: 0, durationMs: 500, prints }), over);

  test("logged five times it is one delivery, with the highest count seen", () => {
    const { sightings } = during([
      `messageId=${M1}`,
      sqsEvent({ messageId: M1, receiveCount: 2 }),
      `messageId=${M1}`,
      `{"messageId":"${M1}"}`,
      EVENT,
    ]);
    expect(sightings).toEqual([{ messageId: M1, invocation: 0, receiveCount: 2 }]);
  });

  test("where the event was logged, bare ids of others are not received messages", () => {
    expect(during([EVENT, `forwarded messageId=${M2}`]).sightings.map((s) => s.messageId)).toEqual([M1]);
    expect(during([`messageId=${M1}`, `messageId=${M2}`]).sightings.map((s) => s.messageId)).toEqual([
      M1,
      M2,
    ]);
  });

  test("an invocation for another queue has no message of this one", () => {
    const other = sqsEvent({ messageId: M1, eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:refunds" });
    expect(during([other, `messageId=${M1}`]).sightings).toEqual([]);
  });

  test("a function with several queues must say where its messages came from", () => {
    expect(during([`messageId=${M1}`], { consumesOtherQueues: true }).sightings).toEqual([]);
    expect(during([EVENT], { consumesOtherQueues: true }).sightings).toHaveLength(1);
  });

  test("printed line by line: count and correlation id go to the only message", () => {
    const print = [
      `  "messageId": "${M1}",`,
      `  "receiptHandle": "${HANDLE}",`,
      `  "ApproximateReceiveCount": "3",`,
      `  "correlationId": "c-1"`,
    ];
    const alone = during(print);
    expect(alone.sightings).toEqual([{ messageId: M1, invocation: 0, receiveCount: 3 }]);
    expect(alone.correlations).toEqual([{ messageId: M1, field: "correlationId", value: "c-1" }]);
    const two = during([...print, `  "messageId": "${M2}",`]);
    expect(two.sightings.map((s) => s.receiveCount)).toEqual([null, null]);
    expect(two.correlations).toEqual([]);
  });

  test("two different loose values are nobody's", () => {
    const { sightings, correlations } = during([
      `messageId=${M1}`,
      "receiveCount=1",
      "receiveCount=2",
      "correlationId=a",
      "correlationId=b",
    ]);
    expect(sightings[0]?.receiveCount).toBeNull();
    expect(correlations).toEqual([]);
  });

  test("of two correlation ids of a field the same one is kept in whatever order", () => {
    const lines = [`messageId=${M1} correlationId=b`, `messageId=${M1} correlationId=a`];
    expect(during(lines).correlations).toEqual(during([...lines].reverse()).correlations);
  });

  test("an error line that names one record of the batch blames it", () => {
    const batch = sqsEvent({ messageId: M1 }, { messageId: M2 });
    expect(during([batch, `[ERROR]\t${iso(1)}\t${R1}\tfailed on ${M2}`]).invocations[0]?.blamed).toEqual([
      M2,
    ]);
    expect(
      during([batch, `[ERROR]\t${iso(1)}\t${R1}\tfailed on ${M1} and ${M2}`]).invocations[0]?.blamed,
    ).toEqual([]);
    expect(during([batch, `[INFO]\t${iso(1)}\t${R1}\tdone with ${M2}`]).invocations[0]?.blamed).toEqual([]);
  });

  test("no message body is kept (I7)", () => {
    const secret = "4111111111111111";
    const body = JSON.stringify({ card: secret, correlationId: "c-1" });
    expect(JSON.stringify(during([sqsEvent({ messageId: M1, body })]))).not.toContain(secret);
  });

  test("a hundred thousand lines are read within seconds", () => {
    const lines: LogLine[] = [];
    for (let i = 0; i < 25_000; i++)
      lines.push(
        ...textInvocation({
          id: requestId(i),
          startMs: i * 100,
          durationMs: 90,
          prints: [sqsEvent({ messageId: messageId(i) })],
        }),
      );
    const startedMs = performance.now();
    expect(read(lines).sightings).toHaveLength(25_000);
    // About 0.6 s when nothing else runs; wide enough for a busy machine, narrow enough for a quadratic slip.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test("an unknown third request in the middle changes nothing", () => {
    expect(
      invocationsOf([
        at(0, start(R1)),
        at(1, `${iso(1)}\t${R3}\tINFO\t${EVENT}`),
        at(9, end(R1)),
        at(9, report(R1, 9)),
      ]),
    ).toEqual([[R1, 0, 9, "success", [M1]]]);
  });
});
