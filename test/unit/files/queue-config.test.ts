import { describe, expect, test } from "@jest/globals";
import { logGroupOfPath } from "../../../files/log-group-of-path.ts";
import { readQueueConfig } from "../../../files/queue-config.ts";

const QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:orders";
const FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:handle-order";
const attributes = {
  Attributes: {
    QueueArn: QUEUE_ARN,
    VisibilityTimeout: "30",
    DelaySeconds: "0",
    MessageRetentionPeriod: "345600",
    ApproximateNumberOfMessages: "7",
    RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":"5"}',
  },
};
const mapping = {
  UUID: "0a1b2c3d-1111-4222-8333-0123456789ab",
  BatchSize: 5,
  MaximumBatchingWindowInSeconds: 20,
  EventSourceArn: QUEUE_ARN,
  FunctionArn: `${FUNCTION_ARN}:live`,
  LastModified: "2026-11-23T12:00:00+00:00",
  State: "Enabled",
  FunctionResponseTypes: ["ReportBatchItemFailures"],
  ScalingConfig: { MaximumConcurrency: 4 },
  FilterCriteria: { Filters: [{ Pattern: "{}" }] },
};
const configuration = {
  FunctionName: "handle-order",
  FunctionArn: FUNCTION_ARN,
  Runtime: "nodejs24.x",
  Timeout: 60,
  LoggingConfig: {
    LogFormat: "JSON",
    LogGroup: "/custom",
    SystemLogLevel: "INFO",
    ApplicationLogLevel: "INFO",
  },
};
const read = (...values: unknown[]) =>
  readQueueConfig(values.map((value, index) => ({ name: `${index}.json`, text: JSON.stringify(value) })));

describe("readQueueConfig", () => {
  test("nothing is known of nothing", () => {
    expect(read()).toEqual({
      queues: new Map(),
      unnamedQueue: undefined,
      mappings: [],
      functions: new Map(),
    });
  });

  const expected = {
    queues: new Map([
      [
        QUEUE_ARN,
        {
          url: "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
          visibilityTimeoutSeconds: 30,
          fifo: false,
          contentBasedDeduplication: false,
          delaySeconds: 0,
          messageRetentionSeconds: 345_600,
          redrive: { deadLetterTargetArn: "arn:aws:sqs:us-east-1:123456789012:dead", maxReceiveCount: 5 },
          tags: {},
        },
      ],
    ]),
    unnamedQueue: undefined,
    mappings: [
      {
        uuid: mapping.UUID,
        state: "Enabled",
        queueArn: QUEUE_ARN,
        functionArn: `${FUNCTION_ARN}:live`,
        batchSize: 5,
        maximumBatchingWindowSeconds: 20,
        maximumConcurrency: 4,
        filterCount: 1,
        reportBatchItemFailures: true,
        eventCountMetrics: false,
      },
    ],
    functions: new Map([
      [
        FUNCTION_ARN,
        {
          arn: FUNCTION_ARN,
          name: "handle-order",
          timeoutSeconds: 60,
          runtime: "nodejs24.x",
          logGroup: "/custom",
          logFormat: "JSON",
          systemLogLevel: "INFO",
          applicationLogLevel: "INFO",
        },
      ],
    ]),
  };

  test.each([
    { name: "a file each", values: [attributes, { EventSourceMappings: [mapping] }, configuration] },
    { name: "one list", values: [[attributes, { EventSourceMappings: [mapping] }, configuration]] },
    {
      name: "get-event-source-mapping, get-function",
      values: [attributes, mapping, { Configuration: configuration, Code: {} }],
    },
    { name: "list-functions", values: [attributes, mapping, { Functions: [configuration] }] },
  ])("$name", ({ values }) => {
    expect(read(...values)).toEqual(expected);
  });

  test("what AWS leaves out is its default", () => {
    const { unnamedQueue, mappings, functions } = read(
      { Attributes: { VisibilityTimeout: "45", FifoQueue: "true", ContentBasedDeduplication: "true" } },
      {
        UUID: "1",
        EventSourceArn: QUEUE_ARN,
        FunctionArn: FUNCTION_ARN,
        FilterCriteria: null,
        ScalingConfig: null,
      },
      { FunctionName: "f", FunctionArn: `${FUNCTION_ARN}:3`, Timeout: 3 },
    );
    expect(unnamedQueue).toMatchObject({
      visibilityTimeoutSeconds: 45,
      fifo: true,
      contentBasedDeduplication: true,
      messageRetentionSeconds: 345_600,
    });
    expect(mappings).toMatchObject([
      { state: "Enabled", batchSize: 10, maximumBatchingWindowSeconds: 0, filterCount: 0 },
    ]);
    expect(functions.get(FUNCTION_ARN)).toMatchObject({
      qualifier: "3",
      logGroup: "/aws/lambda/f",
      logFormat: "Text",
    });
  });

  test("mappings of other sources are none of ours", () => {
    expect(
      read({ ...mapping, EventSourceArn: "arn:aws:kinesis:us-east-1:123456789012:stream/x" }).mappings,
    ).toEqual([]);
    expect(read({ UUID: "1", FunctionArn: FUNCTION_ARN }).mappings).toEqual([]);
  });

  test.each([
    {
      name: "no JSON",
      text: "VisibilityTimeout=30",
      message: /^cannot read queue\.json: expected JSON, got something else$/,
    },
    { name: "another answer", text: '{"QueueUrl":"x"}', message: /^\d problems? in queue\.json:/ },
    {
      name: "a number that is none",
      text: '{"Attributes":{"VisibilityTimeout":"soon"}}',
      message: /VisibilityTimeout: expected a whole number, as text, got "soon"/,
    },
    {
      name: "a redrive policy that is no JSON",
      text: '{"Attributes":{"VisibilityTimeout":"1","RedrivePolicy":"x"}}',
      message: /RedrivePolicy: expected JSON, got "x"/,
    },
  ])("$name is a configuration error", ({ text, message }) => {
    expect(() => readQueueConfig([{ name: "queue.json", text }])).toThrow(
      expect.objectContaining({ name: "ConfigError", message: expect.stringMatching(message) }),
    );
  });

  test("two queues without their ARNs cannot be told apart", () => {
    const unnamed = { Attributes: { VisibilityTimeout: "30" } };
    expect(() => read(unnamed, unnamed)).toThrow(
      /expected QueueArn among the attributes of all queues but one/,
    );
  });
});

describe("logGroupOfPath", () => {
  const known = read(configuration, {
    ...configuration,
    FunctionName: "other",
    FunctionArn: `${FUNCTION_ARN}-other`,
  });
  test.each([
    ["logs/aws/lambda/orders/000000.gz", "/aws/lambda/orders"],
    ["C:\\logs\\aws\\lambda\\orders\\a.json", "/aws/lambda/orders"],
    ["handle-order.json.gz", "/custom"],
    ["exports/handle-order/000000.gz", "/custom"],
    ["other/handle-order.log", null],
    ["logs/orders.json", null],
    ["aws/lambda/orders.json", "/aws/lambda/orders"],
  ])("%s → %s", (path, group) => {
    expect(logGroupOfPath(path, known)).toBe(group);
  });
});
