import { describe, expect, test } from "@jest/globals";
import { SNS_FIELD } from "../../../core/correlate/observations.ts";
import { MESSAGE_ID_PATTERNS } from "../../../core/correlate/patterns.ts";
import { lineScanner } from "../../../core/correlate/scan-line.ts";
import { ConfigError } from "../../../core/errors.ts";
import type { CorrelationField } from "../../../core/model/settings.ts";
import {
  HANDLE,
  messageId,
  QUEUE_ARN,
  requestId,
  sqsEvent,
  sqsRecord,
  uuid,
} from "../../support/log-lines.ts";

const M = messageId(1);
const M2 = messageId(2);
const DECOY = uuid(9, "d");

function scanner(correlationFields: readonly CorrelationField[] = [], messageIdPatterns: string[] = []) {
  return lineScanner({ correlationFields, messageIdPatterns }, QUEUE_ARN);
}
const scan = scanner();
const idsIn = (line: string) => scan(line).records.map((record) => record.messageId);

/** What consumers of each runtime print; the second column is the pattern that finds it. */
const SHAPES: readonly {
  shape: string;
  pattern: string;
  line: string;
  count?: number;
  received?: boolean;
}[] = [
  {
    shape: "Node JSON.stringify(event)",
    pattern: "json",
    line: sqsEvent({ messageId: M, receiveCount: 3 }),
    count: 3,
    received: true,
  },
  {
    shape: "JSON with spaces",
    pattern: "json",
    line: JSON.stringify(sqsRecord({ messageId: M, receiveCount: 2 }), null, 2),
    count: 2,
    received: true,
  },
  {
    shape: "JSON escaped once (JSON log format)",
    pattern: "json",
    line: JSON.stringify({ level: "INFO", message: sqsEvent({ messageId: M, receiveCount: 4 }) }),
    count: 4,
    received: true,
  },
  {
    shape: "JSON escaped three times",
    pattern: "json",
    line: JSON.stringify(JSON.stringify(JSON.stringify(sqsEvent({ messageId: M, receiveCount: 5 })))),
    count: 5,
    received: true,
  },
  {
    shape: "Node structured log of one id",
    pattern: "json",
    line: `{"level":"INFO","messageId":"${M}","message":"charged"}`,
  },
  {
    shape: ".NET serialiser",
    pattern: "json",
    line: `{"Records":[{"MessageId":"${M}","ReceiptHandle":"${HANDLE}","Body":"{}","Attributes":{"ApproximateReceiveCount":"2"},"EventSourceArn":"${QUEUE_ARN}"}]}`,
    count: 2,
    received: true,
  },
  { shape: "snake case JSON", pattern: "json-snake-case", line: `{"event":"received","message_id":"${M}"}` },
  {
    shape: "Node console.log(event)",
    pattern: "node-inspect",
    line: `2026-11-23T12:00:00.001Z\t${requestId(1)}\tINFO\t{\n  Records: [\n    {\n      messageId: '${M}',\n      receiptHandle: '${HANDLE}',\n      body: '{}',\n      attributes: [Object],\n      eventSourceARN: '${QUEUE_ARN}'\n    }\n  ]\n}`,
    received: true,
  },
  {
    shape: "Node console.log(event) with carriage returns",
    pattern: "node-inspect",
    line: `{\r  Records: [\r    {\r      messageId: '${M}',\r      receiptHandle: '${HANDLE}',\r`,
    received: true,
  },
  {
    shape: "Node console.log in JSON format, inspected",
    pattern: "node-inspect",
    line: JSON.stringify({
      level: "INFO",
      requestId: requestId(1),
      message: `event { messageId: '${M}',\n  receiptHandle: '${HANDLE}' }`,
    }),
    received: true,
  },
  {
    shape: "Python print(event)",
    pattern: "python-dict",
    line: `{'Records': [{'messageId': '${M}', 'receiptHandle': '${HANDLE}', 'body': '{}', 'attributes': {'ApproximateReceiveCount': '2', 'SentTimestamp': '1'}, 'eventSourceARN': '${QUEUE_ARN}'}]}`,
    count: 2,
    received: true,
  },
  {
    shape: "Python pprint, keys sorted",
    pattern: "python-dict",
    line: `{'Records': [{'attributes': {'ApproximateReceiveCount': '6'}, 'body': '{}', 'eventSourceARN': '${QUEUE_ARN}', 'messageId': '${M}', 'receiptHandle': '${HANDLE}'}]}`,
    count: 6,
    received: true,
  },
  {
    shape: "Ruby before 3.4",
    pattern: "ruby-hash",
    line: `{"Records"=>[{"messageId"=>"${M}", "receiptHandle"=>"${HANDLE}", "attributes"=>{"ApproximateReceiveCount"=>"2"}}]}`,
    count: 2,
    received: true,
  },
  {
    shape: "Ruby 3.4",
    pattern: "ruby-hash",
    line: `{"Records" => [{"messageId" => "${M}", "receiptHandle" => "${HANDLE}", "attributes" => {"ApproximateReceiveCount" => "2"}}]}`,
    count: 2,
    received: true,
  },
  {
    shape: "Ruby 3.4, symbol keys",
    pattern: "ruby-symbol",
    line: `{messageId: "${M}", receiptHandle: "${HANDLE}", attributes: {ApproximateReceiveCount: "2"}}`,
    count: 2,
    received: true,
  },
  {
    shape: "Java toString",
    pattern: "java-map",
    line: `{records: [{messageId: ${M},receiptHandle: ${HANDLE},eventSourceArn: ${QUEUE_ARN},eventSource: aws:sqs,awsRegion: us-east-1,body: {},md5OfBody: 7b27,attributes: {ApproximateReceiveCount=2, SentTimestamp=1},messageAttributes: {}}]}`,
    count: 2,
    received: true,
  },
  {
    shape: "Go %+v",
    pattern: "go-fields",
    line: `{Records:[{MessageId:${M} ReceiptHandle:${HANDLE} Body:{} Md5OfBody:7b27 Md5OfMessageAttributes: Attributes:map[ApproximateReceiveCount:2 SenderId:A] MessageAttributes:map[] EventSourceARN:${QUEUE_ARN} EventSource:aws:sqs AWSRegion:us-east-1}]}`,
    count: 2,
    received: true,
  },
  {
    shape: "Go %v",
    pattern: "go-values",
    line: `{[{${M} ${HANDLE} {"orderId":"${DECOY}"} 7b27  map[ApproximateReceiveCount:2 SenderId:A] map[] ${QUEUE_ARN} aws:sqs us-east-1}]}`,
    count: 2,
    received: true,
  },
  {
    shape: "Rust {:?}",
    pattern: "rust-debug",
    line: `SqsMessage { message_id: Some("${M}"), receipt_handle: Some("${HANDLE}"), attributes: {"ApproximateReceiveCount": "2"}, event_source_arn: Some("${QUEUE_ARN}") }`,
    count: 2,
    received: true,
  },
  { shape: "logfmt", pattern: "key-value", line: `level=info messageId=${M} receiveCount=2`, count: 2 },
  {
    shape: "template string, snake case",
    pattern: "key-value",
    line: `processing message_id=${M} in ${DECOY}`,
  },
];

describe("message id patterns", () => {
  test.each(SHAPES)("$shape", ({ pattern, line, count, received }) => {
    const shapes = MESSAGE_ID_PATTERNS.filter(({ regex }) => line.match(regex)).map(({ name }) => name);
    expect(shapes).toContain(pattern);
    expect(scan(line).records).toEqual([
      { messageId: M, received: received ?? false, receiveCount: count ?? null, correlations: [] },
    ]);
  });

  test("every row of the table is shown by a sample", () => {
    expect(
      MESSAGE_ID_PATTERNS.map(({ name }) => name).filter((name) => !SHAPES.some((s) => s.pattern === name)),
    ).toEqual([]);
  });

  test("a configured pattern is trusted to find received messages", () => {
    const found = scanner([], ["got <([0-9a-f-]{36})>"])(`got <${M}> attempt receiveCount=4`);
    expect(found.records).toEqual([{ messageId: M, received: true, receiveCount: 4, correlations: [] }]);
  });

  test("an optional group that did not take part is no id", () => {
    expect(scanner([], ["ping(?: <([0-9a-f-]{36})>)?"])("ping").records).toEqual([]);
  });

  test.each([
    { pattern: "(", problem: "expected a regular expression" },
    { pattern: "abc", problem: "expected a pattern with one capture group" },
  ])("refuses $pattern", ({ pattern, problem }) => {
    expect(() => scanner([], [pattern])).toThrow(ConfigError);
    expect(() => scanner([], [pattern])).toThrow(problem);
  });
});

describe("ids that are no received message", () => {
  test.each([
    { what: "an order id", line: `{"orderId":"${DECOY}","total":3}` },
    { what: "API Gateway's request id", line: `RequestID: ${DECOY} upstream answered 200` },
    {
      what: "a Node SendMessage answer",
      line: `{"$metadata":{"httpStatusCode":200,"requestId":"${DECOY}"},"MD5OfMessageBody":"7b27","MessageId":"${DECOY}"}`,
    },
    {
      what: "a boto3 SendMessage answer",
      line: `{'MD5OfMessageBody': '7b27', 'MessageId': '${DECOY}', 'ResponseMetadata': {'HTTPStatusCode': 200}}`,
    },
    {
      what: "a Java SendMessage answer",
      line: `SendMessageResponse(MD5OfMessageBody=7b27, MessageId=${DECOY})`,
    },
    {
      what: "a ReceiveMessage answer",
      line: `{"$metadata":{"httpStatusCode":200},"Messages":[{"MessageId":"${DECOY}","ReceiptHandle":"${HANDLE}"}]}`,
    },
    { what: "Go %v of something without a receipt handle", line: `{${DECOY} shipped 12}` },
    {
      what: "an SNS envelope on its own",
      line: `{"Type":"Notification","MessageId":"${DECOY}","TopicArn":"arn:aws:sns:us-east-1:1:t"}`,
    },
  ])("$what", ({ line }) => {
    expect(idsIn(line)).toEqual([]);
  });

  test("an id in the body does not count beside the record's own", () => {
    const body = JSON.stringify({ messageId: DECOY, receiptHandle: HANDLE });
    expect(idsIn(sqsEvent({ messageId: M, body }))).toEqual([M]);
    expect(idsIn(`{ messageId: '${M}', receiptHandle: '${HANDLE}', body: '${body}' }`)).toEqual([M]);
    expect(idsIn(JSON.stringify({ messageId: M, body }))).toEqual([M]);
  });

  test("a receive count in the body is not the record's", () => {
    const body = JSON.stringify({ ApproximateReceiveCount: "99" });
    expect(scan(sqsEvent({ messageId: M, receiveCount: 2, body })).records[0]?.receiveCount).toBe(2);
  });

  test.each([0, 1, 2])("SNS's own id, escaped %i times more, is a correlation id", (more) => {
    const envelope = JSON.stringify(
      { Type: "Notification", MessageId: DECOY, TopicArn: "arn:aws:sns:us-east-1:1:t" },
      null,
      2,
    );
    let line = sqsEvent({ messageId: M, body: envelope });
    for (let i = 0; i < more; i++) line = JSON.stringify({ message: line });
    expect(scan(line).records).toEqual([
      { messageId: M, received: true, receiveCount: 1, correlations: [{ field: SNS_FIELD, value: DECOY }] },
    ]);
  });

  test("thousands of backslashes do not slow the search down", () => {
    const line = `"messageId":"${M}"${"\\".repeat(20_000)}${"\\n\\\\n".repeat(5000)}`;
    expect(idsIn(line)).toEqual([M]);
  });
});

describe("records of one line", () => {
  test("ten records keep their own receive counts", () => {
    const records = Array.from({ length: 10 }, (_, i) => ({ messageId: messageId(i), receiveCount: i + 1 }));
    expect(scan(sqsEvent(...records)).records.map((r) => [r.messageId, r.receiveCount])).toEqual(
      records.map((r) => [r.messageId, r.receiveCount]),
    );
  });

  test("sorted keys put the count before the id", () => {
    const one = (id: string, n: number) =>
      `{'attributes': {'ApproximateReceiveCount': '${n}'}, 'messageId': '${id}', 'receiptHandle': '${HANDLE}'}`;
    expect(scan(`[${one(M, 1)}, ${one(M2, 7)}]`).records.map((r) => r.receiveCount)).toEqual([1, 7]);
  });

  test("the same record twice in a line is one", () => {
    expect(idsIn(sqsEvent({ messageId: M }, { messageId: M2 }, { messageId: M }))).toEqual([M, M2]);
  });

  test("records of another queue are left out, and said so", () => {
    const other = "arn:aws:sqs:us-east-1:123456789012:refunds";
    expect(scan(sqsEvent({ messageId: M, eventSourceARN: other }))).toMatchObject({
      records: [],
      source: "another-queue",
    });
    expect(scan(sqsEvent({ messageId: M }))).toMatchObject({ source: "this-queue" });
    expect(scan(`messageId=${M}`)).toMatchObject({ source: "not-said" });
  });

  test("a count on a line of its own is loose", () => {
    expect(scan(`  "ApproximateReceiveCount": "3",`)).toEqual({
      records: [],
      source: "not-said",
      loose: { receiveCounts: [3], correlations: [] },
    });
  });
});

describe("correlation fields", () => {
  const named = scanner([{ name: "correlationId" }]);
  test.each([
    { shape: "JSON", line: `{"messageId":"${M}","correlationId":"c-1"}` },
    { shape: "before the id", line: `{"correlationId":"c-1","messageId":"${M}"}` },
    { shape: "in an escaped body", line: sqsEvent({ messageId: M, body: '{"correlationId":"c-1"}' }) },
    {
      shape: "a message attribute",
      line: `{"messageId":"${M}","messageAttributes":{"correlationId":{"stringValue":"c-1","dataType":"String"}}}`,
    },
    { shape: "Node inspect", line: `{ messageId: '${M}', correlationId: 'c-1' }` },
    { shape: "logfmt", line: `messageId=${M} correlationId=c-1` },
  ])("$shape", ({ line }) => {
    expect(named(line).records[0]?.correlations).toEqual([{ field: "correlationId", value: "c-1" }]);
  });

  test.each([
    '"correlationId":null',
    '"correlationId":"undefined"',
    '"my-correlationId":"c-1"',
    "correlationId: [Object]",
  ])("%s is no correlation id", (text) =>
    expect(named(`{"messageId":"${M}",${text}}`).records[0]?.correlations).toEqual([]),
  );

  test("each record of a batch has its own, the first if there are several", () => {
    const body = (id: string) => JSON.stringify({ correlationId: id, inner: { correlationId: "deep" } });
    const line = sqsEvent({ messageId: M, body: body("c-1") }, { messageId: M2, body: body("c-2") });
    expect(named(line).records.map((r) => r.correlations)).toEqual([
      [{ field: "correlationId", value: "c-1" }],
      [{ field: "correlationId", value: "c-2" }],
    ]);
  });

  test("a pattern's first group is the value, and without an id it is loose", () => {
    const found = scanner([{ name: "order", pattern: "order #(\\d+)" }])("charging order #4711 now");
    expect(found.loose.correlations).toEqual([expect.objectContaining({ field: "order", value: "4711" })]);
  });
});
