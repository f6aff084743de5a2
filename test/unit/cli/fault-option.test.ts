import { describe, expect, test } from "@jest/globals";
import { parseFault } from "../../../cli/fault-option.ts";

describe("--fault", () => {
  test.each([
    { text: "throttle:sqs:*", fault: { kind: "throttle", operation: "sqs:*" } },
    {
      text: "throttle:sqs:GetQueueAttributes@orders",
      fault: { kind: "throttle", operation: "sqs:GetQueueAttributes", resource: "orders" },
    },
    { text: "access-denied:orders", fault: { kind: "access-denied", resource: "orders" } },
    { text: "partial-data:orders", fault: { kind: "partial-data", resource: "orders" } },
    { text: "metrics-forbidden:orders", fault: { kind: "metrics-forbidden", resource: "orders" } },
    { text: "query-fails:/aws/lambda/f", fault: { kind: "query-fails", logGroup: "/aws/lambda/f" } },
    { text: "query-hangs:/aws/lambda/f", fault: { kind: "query-hangs", logGroup: "/aws/lambda/f" } },
    {
      text: "queue-deleted:orders@sqs:GetQueueAttributes",
      fault: { kind: "queue-deleted", queueName: "orders", afterOperation: "sqs:GetQueueAttributes" },
    },
  ])("$text", ({ text, fault }) => {
    expect(parseFault(text)).toEqual(fault);
  });

  test.each([
    { text: "throtle:sqs:*", message: '--fault: unknown kind "throtle"; did you mean throttle?' },
    { text: "flood", message: /^--fault: unknown kind "flood"; the kinds are throttle, access-denied, / },
    { text: "throttle", message: '--fault: expected throttle:sqs:GetQueueAttributes[@NAME], got "throttle"' },
    { text: "throttle:everything", message: /got "throttle:everything"$/ },
    {
      text: "queue-deleted:orders",
      message: /^--fault: expected queue-deleted:QUEUE@sqs:GetQueueAttributes/,
    },
  ])("$text is refused", ({ text, message }) => {
    expect(() => parseFault(text)).toThrow(message);
  });
});
