import { describe, expect, test } from "@jest/globals";
import {
  accountOfGroup,
  functionOfStream,
  namedFunction,
  sourceQueues,
} from "../../../core/analyze/line-facts.ts";
import { HANDLE, messageId, QUEUE_ARN, sqsEvent, sqsRecord } from "../../support/log-lines.ts";

const OTHER_ARN = "arn:aws:sqs:us-east-1:123456789012:other";

describe("sourceQueues", () => {
  test.each([
    {
      name: "an event",
      line: sqsEvent({ messageId: messageId(1) }, { messageId: messageId(2) }),
      queues: [QUEUE_ARN, QUEUE_ARN],
    },
    {
      name: "Python's print",
      line: `{'messageId': 'x', 'eventSourceARN': '${QUEUE_ARN}'}`,
      queues: [QUEUE_ARN],
    },
    {
      name: "Go's %v, without keys",
      line: `{[{${messageId(1)} ${HANDLE} {} map[] ${QUEUE_ARN} aws:sqs us-east-1}]}`,
      queues: [QUEUE_ARN],
    },
    {
      name: "a record whose body holds one of another queue",
      line: JSON.stringify(
        sqsRecord({
          messageId: messageId(1),
          body: JSON.stringify(sqsRecord({ messageId: messageId(2), eventSourceARN: OTHER_ARN })),
        }),
      ),
      queues: [QUEUE_ARN],
    },
    {
      name: "another service's ARN",
      line: `"eventSourceARN":"arn:aws:kinesis:us-east-1:123456789012:stream/x"`,
      queues: [],
    },
    { name: "prose", line: "received from arn:aws:sqs", queues: [] },
    { name: "nothing", line: "done", queues: [] },
  ])("$name", ({ line, queues }) => {
    expect(sourceQueues(line)).toEqual(queues);
  });
});

describe("namedFunction", () => {
  const arn = "arn:aws:lambda:us-east-1:123456789012:function:orders";
  test.each([
    {
      name: "a Powertools line",
      line: JSON.stringify({ function_name: "orders", function_arn: arn }),
      found: { name: "orders", arn },
    },
    {
      name: "an alias",
      line: JSON.stringify({ function_arn: `${arn}:live` }),
      found: { name: "orders", arn },
    },
    {
      name: "a name alone",
      line: JSON.stringify({ function_name: "orders" }),
      found: { name: "orders", arn: null },
    },
    {
      name: "the start of an environment",
      line: JSON.stringify({ type: "platform.initStart", record: { functionName: "orders" } }),
      found: { name: "orders", arn: null },
    },
    {
      name: "a start without a name",
      line: JSON.stringify({ type: "platform.initStart", record: {} }),
      found: undefined,
    },
    {
      name: "a name inside a message",
      line: JSON.stringify({ message: `{"function_name":"x"}` }),
      found: undefined,
    },
    { name: "text", line: "function_name=orders", found: undefined },
    { name: "another line", line: "done", found: undefined },
  ])("$name", ({ line, found }) => {
    expect(namedFunction(line)).toEqual(found);
  });
});

describe("names of streams and groups", () => {
  test.each([
    { stream: "2026/11/23/orders[$LATEST]ab", group: null, found: "orders" },
    { stream: "2026/11/23/[$LATEST]ab", group: "/aws/lambda/orders", found: "orders" },
    { stream: null, group: "123456789012:/aws/lambda/orders", found: "orders" },
    { stream: "2026/11/23/[$LATEST]ab", group: "/custom/orders", found: undefined },
    { stream: null, group: null, found: undefined },
  ])("$stream, $group → $found", ({ stream, group, found }) => {
    expect(functionOfStream(stream, group)).toBe(found);
  });

  test("Logs Insights tells the account", () => {
    expect(accountOfGroup("123456789012:/aws/lambda/orders")).toBe("123456789012");
    expect(accountOfGroup("/aws/lambda/orders")).toBeUndefined();
    expect(accountOfGroup(null)).toBeUndefined();
  });
});
