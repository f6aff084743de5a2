import { describe, expect, test } from "@jest/globals";
import {
  accountOfArn,
  functionNameOfArn,
  queueNameOfArn,
  unqualifiedFunctionArn,
} from "../../../core/scan/arn.ts";

const QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders.fifo";
const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:worker";

describe("parts of an ARN", () => {
  test.each([
    ["the account", accountOfArn, QUEUE, "123456789012"],
    ["the account of no ARN", accountOfArn, "orders", ""],
    ["the queue's name", queueNameOfArn, QUEUE, "orders.fifo"],
    ["the function without its alias", unqualifiedFunctionArn, `${FUNCTION}:live`, FUNCTION],
    ["the function as it is", unqualifiedFunctionArn, FUNCTION, FUNCTION],
    ["the function's name", functionNameOfArn, `${FUNCTION}:live`, "worker"],
    ["the name of no ARN", functionNameOfArn, "worker", "worker"],
  ])("%s", (_, part, arn, expected) => {
    expect(part(arn)).toBe(expected);
  });
});
