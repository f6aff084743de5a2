import { describe, expect, test } from "@jest/globals";
import { metricRequests } from "../../../core/detect/metric-requests.ts";
import { consumerOf, DLQ_ARN, pathOf } from "../../support/delivery-paths.ts";

const OTHER_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:mail-orders";
const other = consumerOf(
  { uuid: "b", functionArn: OTHER_ARN },
  { arn: OTHER_ARN, name: "mail-orders", logGroup: "/shared" },
);

const short = (requests: readonly { namespace: string; metricName: string; stat: string }[]) =>
  requests.map((one) => `${one.namespace} ${one.metricName} ${one.stat}`);

describe("metricRequests", () => {
  test("asks for counters as sums, levels as averages, extremes as maxima", () => {
    const { window, whole, history } = metricRequests(pathOf());
    expect(short(window)).toEqual([
      "AWS/SQS NumberOfMessagesSent Sum",
      "AWS/SQS NumberOfMessagesReceived Sum",
      "AWS/SQS NumberOfMessagesDeleted Sum",
      "AWS/SQS ApproximateNumberOfMessagesVisible Average",
      "AWS/SQS ApproximateNumberOfMessagesNotVisible Average",
      "AWS/SQS ApproximateNumberOfMessagesDelayed Average",
      "AWS/SQS ApproximateAgeOfOldestMessage Maximum",
      "AWS/SQS ApproximateNumberOfMessagesVisible Average",
      "AWS/SQS ApproximateNumberOfMessagesNotVisible Average",
      "AWS/Lambda Invocations Sum",
      "AWS/Lambda Errors Sum",
      "AWS/Lambda Throttles Sum",
      "AWS/Lambda Duration Maximum",
      "AWS/Logs IncomingBytes Sum",
    ]);
    expect(short(whole)).toEqual(["AWS/Lambda Duration p99"]);
    expect(short(history)).toEqual(["AWS/SQS NumberOfMessagesSent Sum", "AWS/Lambda Invocations Sum"]);
  });

  test("names queue, dead-letter queue, function and log group in the dimensions", () => {
    const { window } = metricRequests(pathOf({ consumers: [consumerOf({}, { logGroup: "/custom" })] }));
    const dimensions = new Set(window.map((one) => JSON.stringify(one.dimensions)));
    expect(dimensions).toEqual(
      new Set([
        JSON.stringify({ QueueName: "orders-queue" }),
        JSON.stringify({ QueueName: DLQ_ARN.split(":")[5] }),
        JSON.stringify({ FunctionName: "charge-orders" }),
        JSON.stringify({ LogGroupName: "/custom" }),
      ]),
    );
  });

  test("ids are unique over all groups, and each function is read once though two mappings name it", () => {
    const path = pathOf({
      consumers: [consumerOf(), consumerOf({ uuid: "a", functionArn: `${OTHER_ARN}:live` }), other],
    });
    const { window, whole, history } = metricRequests(path);
    const ids = [...window, ...whole, ...history].map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(whole).toHaveLength(2);
  });

  test("two functions that share a log group read its bytes once", () => {
    const path = pathOf({ consumers: [consumerOf({}, { logGroup: "/shared" }), other] });
    const logs = metricRequests(path).window.filter((one) => one.namespace === "AWS/Logs");
    expect(logs).toHaveLength(1);
  });

  test("a queue without a dead-letter queue asks for none", () => {
    const path = pathOf();
    const { redrive: _, ...settings } = path.settings ?? {};
    const without = { ...path, settings: settings as never };
    const names = metricRequests(without).window.flatMap((one) => Object.values(one.dimensions));
    expect(names).not.toContain("orders-dead");
  });

  test.each([
    { name: "another account's queue", path: pathOf({ foreign: true }) },
    { name: "an unreadable queue", path: pathOf({ settings: null }) },
    { name: "disabled mappings only", path: pathOf({ consumers: [consumerOf({ state: "Disabled" })] }) },
  ])("$name asks for nothing", ({ path }) => {
    expect(metricRequests(path)).toEqual({ window: [], whole: [], history: [] });
  });

  test("a mapping that is being updated still polls", () => {
    const path = pathOf({ consumers: [consumerOf({ state: "Updating" })] });
    expect(metricRequests(path).window.length).toBeGreaterThan(0);
  });
});
