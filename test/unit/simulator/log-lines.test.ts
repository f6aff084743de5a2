import { describe, expect, test } from "@jest/globals";
import type { SqsRecord } from "../../../simulator/engine/bodies.ts";
import { closingLines, eventLines } from "../../../simulator/logs/application-lines.ts";
import type { InvocationFacts } from "../../../simulator/logs/line.ts";
import { platformJson } from "../../../simulator/logs/platform-json.ts";
import { platformText } from "../../../simulator/logs/platform-text.ts";
import type { LogShape, Oddity } from "../../../simulator/logs/style.ts";

const ID = "059f36b4-87a3-44ab-83d2-661975830a7d";
const REQUEST = "5d163fec-7b41-48ff-b21f-298145ca6f62";
const START_MS = Date.UTC(2026, 10, 23, 12, 0, 0, 250);

const record: SqsRecord = {
  messageId: ID,
  receiptHandle: "AQEBhandle",
  body: '{"orderId":"it\'s R-1","correlationId":"c-9"}',
  attributes: { ApproximateReceiveCount: "2", SentTimestamp: "1795446012214" },
  messageAttributes: {},
  md5OfBody: "8eba9c1364811c653872f4f2dafcb059",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:orders",
  awsRegion: "us-east-1",
};

const facts: InvocationFacts = {
  requestId: REQUEST,
  functionName: "orders-worker",
  functionArn: "arn:aws:lambda:us-east-1:123456789012:function:orders-worker",
  version: "$LATEST",
  runtime: "nodejs24.x",
  memoryMb: 256,
  timeoutSeconds: 3,
  beginMs: START_MS,
  startMs: START_MS,
  endMs: START_MS + 102,
  initMs: 0,
  outcome: "success",
  trigger: "queue",
  records: [record],
  returned: [],
  foreignId: "11111111-2222-4333-8444-555555555555",
  xrayTraceId: "1-6563c1a0-0123456789abcdef01234567",
};

function eventText(shape: LogShape, format: "Text" | "JSON"): string {
  return eventLines(shape, format, facts, START_MS).join("");
}

describe("the event as each runtime prints it", () => {
  test.each<{ shape: LogShape; format: "Text" | "JSON"; holds: readonly string[]; lacks: readonly string[] }>(
    [
      {
        shape: "node-json",
        format: "Text",
        holds: [`\t${REQUEST}\tINFO\t{"Records":[{"messageId":"${ID}"`, '"ApproximateReceiveCount":"2"'],
        lacks: [],
      },
      {
        shape: "node-json",
        format: "JSON",
        holds: [`"requestId":"${REQUEST}"`, `{\\"messageId\\":\\"${ID}\\"`],
        lacks: ["\t"],
      },
      {
        shape: "node-inspect",
        format: "Text",
        holds: [`messageId: '${ID}'`, "attributes: [Object]", "\r"],
        lacks: ["ApproximateReceiveCount", '"messageId"'],
      },
      {
        shape: "node-inspect",
        format: "JSON",
        holds: [`"message":{"Records":[{"messageId":"${ID}"`],
        lacks: ["[Object]"],
      },
      {
        shape: "node-two-arguments",
        format: "JSON",
        holds: [`messageId: '${ID}'`, "attributes: [Object]"],
        lacks: ["ApproximateReceiveCount"],
      },
      {
        shape: "python-print",
        format: "Text",
        holds: [`{'Records': [{'messageId': '${ID}'`, "'ApproximateReceiveCount': '2'"],
        lacks: [REQUEST],
      },
      {
        shape: "python-logger",
        format: "Text",
        holds: [`[INFO]\t2026-11-23T12:00:00.250Z\t${REQUEST}\t{'Records'`],
        lacks: [],
      },
      {
        shape: "powertools",
        format: "Text",
        holds: [`"function_request_id":"${REQUEST}"`, '"correlation_id":"c-9"', `"messageId":"${ID}"`],
        lacks: [],
      },
      {
        shape: "ruby",
        format: "Text",
        holds: [`"messageId"=>"${ID}"`, '"ApproximateReceiveCount"=>"2"'],
        lacks: [REQUEST],
      },
      { shape: "ruby-3.4", format: "Text", holds: [`"messageId" => "${ID}"`], lacks: ['=>"'] },
      {
        shape: "java",
        format: "Text",
        holds: [`{messageId: ${ID},receiptHandle: `, "ApproximateReceiveCount=2"],
        lacks: [REQUEST, `"${ID}`],
      },
      {
        shape: "java",
        format: "JSON",
        holds: [`"AWSRequestId":"${REQUEST}"`, `{messageId: ${ID},`],
        lacks: [],
      },
      {
        shape: "go-plus-v",
        format: "Text",
        holds: [`MessageId:${ID} ReceiptHandle:`, "ApproximateReceiveCount:2"],
        lacks: [REQUEST],
      },
      { shape: "go-v", format: "Text", holds: [`{[{${ID} AQEBhandle `], lacks: ["MessageId", REQUEST] },
      {
        shape: "dotnet",
        format: "Text",
        holds: [`\t${REQUEST}\tinfo\t{"Records":[{"MessageId":"${ID}"`],
        lacks: ['"messageId"'],
      },
      {
        shape: "rust",
        format: "Text",
        holds: [`message_id: Some("${ID}")`, '"ApproximateReceiveCount": "2"'],
        lacks: [REQUEST],
      },
    ],
  )("$shape in $format format", ({ shape, format, holds, lacks }) => {
    const text = eventText(shape, format);
    for (const part of holds) expect(text).toContain(part);
    for (const part of lacks) expect(text).not.toContain(part);
  });

  test("a consumer that logs no ids prints nothing of the event, failed or not", () => {
    const failing = { ...facts, outcome: "error", returned: [{ messageId: ID, why: "failed" }] } as const;
    expect(eventText("none", "Text")).toBe("");
    expect(closingLines("none", "Text", failing, START_MS).join("")).not.toContain(ID);
    expect(closingLines("node-json", "Text", failing, START_MS).join("")).toContain(ID);
  });

  test("other triggers bring ids that are neither Lambda's nor SQS's", () => {
    const text = eventLines("ruby", "Text", { ...facts, trigger: "sync", records: [] }, START_MS).join("");
    expect(text).toContain(facts.foreignId);
    expect(text).not.toContain(REQUEST);
  });
});

function textLines(change: Partial<InvocationFacts>, oddities: readonly Oddity[] = []): string[] {
  const { before, after } = platformText({ ...facts, ...change }, new Set(oddities));
  return [...before, ...after].map((line) => line.message);
}

describe("platform lines in text format", () => {
  test("say nothing about success but the three lines", () => {
    const lines = textLines({});
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["START", "END", "REPORT"]);
    expect(lines[2]).toMatch(/^REPORT RequestId: \S+\tDuration: 101\.\d\d ms\tBilled Duration: 102 ms\t/);
    expect(lines[2]).not.toContain("Status");
  });

  test("bill a cold start's initialisation", () => {
    const [first, , , report] = textLines({ initMs: 200, beginMs: START_MS - 200 });
    expect(first).toMatch(/^INIT_START /);
    expect(report).toContain("Billed Duration: 302 ms");
    expect(report).toContain("Init Duration: 200.00 ms");
  });

  test.each<{ name: string; oddities: Oddity[]; order: string[]; status: boolean }>([
    { name: "today", oddities: [], order: ["START", "timeout", "END", "REPORT"], status: true },
    {
      name: "before 2024",
      oddities: ["no-status"],
      order: ["START", "timeout", "END", "REPORT"],
      status: false,
    },
    { name: "late", oddities: ["late-timeout"], order: ["START", "END", "REPORT", "timeout"], status: true },
    {
      name: "copied",
      oddities: ["double-report"],
      order: ["START", "timeout", "END", "REPORT", "REPORT"],
      status: true,
    },
  ])("tell a timeout: $name", ({ oddities, order, status }) => {
    const lines = textLines({ outcome: "timeout" }, oddities);
    const kinds = lines.map((line) =>
      line.includes("Task timed out after 3.00 seconds") ? "timeout" : line.split(" ")[0],
    );
    expect(kinds).toEqual(order);
    expect(lines.join("").includes("Status: timeout")).toBe(status);
  });

  test("lose their tabs, and carry X-Ray fields", () => {
    expect(textLines({}, ["swallowed-tabs"])[2]).toMatch(
      /Duration: 101\.\d\d msBilled Duration: 102 msMemory/,
    );
    expect(textLines({}, ["x-ray"])[2]).toContain("XRAY TraceId: 1-6563c1a0");
    expect(textLines({ initMs: 9 }, ["init-report"])[1]).toMatch(/^INIT_REPORT .*Phase: invoke/);
  });
});

describe("platform events in JSON format", () => {
  function types(outcome: InvocationFacts["outcome"], level: "DEBUG" | "INFO" | "WARN"): string[] {
    const { before, after } = platformJson({ ...facts, outcome }, level);
    return [...before, ...after].map((line) => (JSON.parse(line.message) as { type: string }).type);
  }

  test.each([
    {
      outcome: "success",
      level: "DEBUG",
      written: ["platform.start", "platform.runtimeDone", "platform.report"],
    },
    { outcome: "success", level: "INFO", written: ["platform.start", "platform.report"] },
    { outcome: "success", level: "WARN", written: [] },
    { outcome: "timeout", level: "WARN", written: ["platform.runtimeDone", "platform.report"] },
  ] as const)("$outcome at level $level", ({ outcome, level, written }) => {
    expect(types(outcome, level)).toEqual(written);
  });

  test("an error is a failure to the runtime and an error in the report", () => {
    const { after } = platformJson({ ...facts, outcome: "error" }, "INFO");
    const statuses = after.map(
      (line) => (JSON.parse(line.message) as { record: { status: string } }).record.status,
    );
    expect(statuses).toEqual(["failure", "error"]);
  });
});

describe("an asynchronous event as each runtime prints it", () => {
  const event = { version: "0", id: ID, "detail-type": "Changed", detail: { count: 7, note: null } };
  const async: InvocationFacts = { ...facts, trigger: "async", records: [], event };
  test.each<{ shape: LogShape; holds: string }>([
    { shape: "node-json", holds: `{"version":"0","id":"${ID}","detail-type":"Changed"` },
    { shape: "node-inspect", holds: `id: '${ID}'` },
    { shape: "node-two-arguments", holds: "received {" },
    {
      shape: "python-print",
      holds: `'id': '${ID}', 'detail-type': 'Changed', 'detail': {'count': 7, 'note': None}`,
    },
    { shape: "ruby", holds: `"id"=>"${ID}", "detail-type"=>"Changed", "detail"=>{"count"=>7, "note"=>nil}` },
    { shape: "ruby-3.4", holds: `"id" => "${ID}"` },
    { shape: "go-plus-v", holds: `"id":"${ID}"` },
    { shape: "powertools", holds: `\\"id\\":\\"${ID}\\"` },
  ])("$shape", ({ shape, holds }) => {
    expect(eventLines(shape, "Text", async, START_MS).join("")).toContain(holds);
  });

  test("not at all where the code logs none", () => {
    expect(eventLines("none", "Text", async, START_MS)).toEqual([]);
  });
});
