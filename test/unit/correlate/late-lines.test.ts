// Lines of an invocation that come when its log stream has long moved on.
import { describe, expect, test } from "@jest/globals";
import { createLogReader } from "../../../core/correlate/log-reader.ts";
import {
  at,
  FUNCTION_ARN,
  iso,
  messageId,
  QUEUE_ARN,
  requestId,
  sqsEvent,
  textInvocation,
} from "../../support/log-lines.ts";

function read(lines: Parameters<ReturnType<typeof createLogReader>["read"]>[0]) {
  const reader = createLogReader({
    functionArn: FUNCTION_ARN,
    logFormat: "Text",
    settings: { correlationFields: [{ name: "correlationId" }], messageIdPatterns: [] },
    queueArn: QUEUE_ARN,
  });
  reader.read(lines);
  return reader.finish();
}

const run = (n: number, startMs: number, body: string) =>
  textInvocation({
    id: requestId(n),
    startMs,
    durationMs: 1000,
    prints: [sqsEvent({ messageId: messageId(n), receiveCount: 1, body })],
  });
const named = (n: number, atMs: number, text: string) =>
  at(atMs, `${iso(atMs)}\t${requestId(n)}\tINFO\t${text}`);

describe("a late line that names its request", () => {
  const lines = [
    ...run(1, 0, '{"correlationId":"z-1"}'),
    ...run(2, 2000, '{"correlationId":"b-2ü"}'),
    named(1, 5000, sqsEvent({ messageId: messageId(1), receiveCount: 3, body: '{"correlationId":"a-1"}' })),
    named(1, 5000, sqsEvent({ messageId: messageId(9), receiveCount: 2 })),
    ...run(3, 6000, "{}"),
    named(2, 9000, "nothing new"),
  ];

  test("adds to what was known of that invocation", () => {
    const [first] = read(lines).invocations;
    expect(first?.messages).toEqual([
      { messageId: messageId(1), receiveCount: 3 },
      { messageId: messageId(9), receiveCount: 2 },
    ]);
  });

  test("changes nothing of the others", () => {
    expect(
      read(lines)
        .invocations.slice(1)
        .map(({ messages }) => messages),
    ).toEqual([
      [{ messageId: messageId(2), receiveCount: 1 }],
      [{ messageId: messageId(3), receiveCount: 1 }],
    ]);
  });

  test("of several values of a field the smallest stays, whichever came last", () => {
    expect(read(lines).correlations).toEqual([
      { messageId: messageId(1), field: "correlationId", value: "a-1" },
      { messageId: messageId(2), field: "correlationId", value: "b-2ü" },
    ]);
  });
});
