import { describe, expect, test } from "@jest/globals";
import { adviseCause } from "../../../core/advise/advice/advise-cause.ts";
import { targetFor } from "../../../core/advise/plan.ts";
import type { SettlingAdvice } from "../../../core/advise/settle.ts";
import { Cause } from "../../../core/model/delivery.ts";
import type { DeliveryPath } from "../../../core/model/delivery-path.ts";
import { consumerOf, DLQ_ARN, FUNCTION_ARN, pathOf, QUEUE_ARN } from "../../support/delivery-paths.ts";

const short = pathOf({ settings: { visibilityTimeoutSeconds: 20 } });

const adviceFor = (cause: Cause, path: DeliveryPath = short, settling: readonly SettlingAdvice[] = []) => {
  if (path.settings === undefined) throw new Error("expected settings");
  const target = targetFor(path, path.settings, { targetPolicy: "aws", maxVisibilityTimeoutSeconds: 43_200 });
  return adviseCause({ cause, context: { path, settings: path.settings, target }, settling });
};
const kinds = (...args: Parameters<typeof adviceFor>) => adviceFor(...args).map((advice) => advice.kind);
const piece = (kind: string, ...args: Parameters<typeof adviceFor>) => {
  const advice = adviceFor(...args).find((one) => one.kind === kind);
  if (advice === undefined) throw new Error(`expected advice ${kind}`);
  return { summary: advice.summary, patch: advice.patch ?? {} };
};

describe("adviseCause", () => {
  test.each<[Cause, string[]]>([
    [
      "visibility-expired",
      ["raise-visibility-timeout", "conditional-write", "sql-on-conflict", "powertools-idempotency"],
    ],
    [
      "deleted-too-late",
      ["raise-visibility-timeout", "conditional-write", "sql-on-conflict", "powertools-idempotency"],
    ],
    [
      "function-timeout",
      ["longer-function-timeout", "conditional-write", "sql-on-conflict", "powertools-idempotency"],
    ],
    ["function-error", ["fix-function-error", "report-batch-item-failures"]],
    [
      "partial-batch-replay",
      ["report-batch-item-failures", "conditional-write", "sql-on-conflict", "powertools-idempotency"],
    ],
    ["throttled", ["maximum-concurrency"]],
    ["dlq-redrive", ["conditional-write", "sql-on-conflict", "powertools-idempotency"]],
    ["several-consumers", ["sns-fan-out", "conditional-write", "sql-on-conflict", "powertools-idempotency"]],
    [
      "producer-duplicate",
      [
        "fifo-deduplication-id",
        "conditional-write",
        "sql-on-conflict",
        "powertools-idempotency",
        "correlation-id",
      ],
    ],
    [
      "async-retry",
      ["on-failure-destination", "conditional-write", "sql-on-conflict", "powertools-idempotency"],
    ],
    ["at-least-once", ["conditional-write", "sql-on-conflict", "powertools-idempotency"]],
    ["unknown", ["conditional-write", "sql-on-conflict", "powertools-idempotency"]],
  ])("%s → %j", (cause, expected) => {
    expect(kinds(cause)).toEqual(expected);
  });

  test("only outlasted work is answered with a longer visibility timeout", () => {
    const raising = Cause.options.filter((cause) => kinds(cause).includes("raise-visibility-timeout"));
    expect(raising).toEqual(["visibility-expired", "deleted-too-late"]);
    expect(kinds("visibility-expired", pathOf())).not.toContain("raise-visibility-timeout");
  });

  test("what would settle an unknown cause comes before everything else, otherwise after", () => {
    expect(kinds("unknown", short, ["log-receive-count"])[0]).toBe("log-receive-count");
    expect(kinds("visibility-expired", short, ["log-message-id"]).at(-1)).toBe("log-message-id");
  });

  test("fewer than five tries, or none at all, are worth a word", () => {
    const withTries = (maxReceiveCount: number) =>
      pathOf({ settings: { redrive: { deadLetterTargetArn: DLQ_ARN, maxReceiveCount } } });
    expect(kinds("throttled", withTries(5))).toEqual(["maximum-concurrency"]);
    const few = piece("max-receive-count", "throttled", withTries(4));
    expect(few.summary).toMatch(/from 4 to 5/);
    expect(few.patch["cloudformation"]).toContain(`deadLetterTargetArn: ${DLQ_ARN}`);
    const path = pathOf({ settings: { fifo: true } });
    const { redrive: _, ...settings } = path.settings ?? {};
    const none = piece("max-receive-count", "throttled", {
      ...path,
      queueArn: `${QUEUE_ARN}.fifo`,
      settings: settings as NonNullable<DeliveryPath["settings"]>,
    });
    expect(none.summary).toMatch(/^Give the queue a dead-letter queue/);
    expect(none.patch["terraform"]).toContain(`"${QUEUE_ARN}-dlq.fifo"`);
  });

  test("the source patch has the real names and values", () => {
    const { patch, summary } = piece("raise-visibility-timeout", "visibility-expired");
    expect(summary).toMatch(/from 20 s to 180 s \(AWS's advice/);
    expect(patch["cloudformation"]).toBe(
      "Resources:\n  OrdersQueue:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimeout: 180",
    );
    expect(patch["terraform"]).toMatch(
      /"orders_queue" \{\n {2}name += "orders-queue"\n {2}visibility_timeout_seconds = 180/,
    );
    expect(patch["serverless"]).toMatch(/^resources:\n {2}Resources:\n {4}OrdersQueue:/);
    expect(patch["cdk"]).toContain("visibilityTimeout: Duration.seconds(180)");
  });

  test("a queue of a stack is called by its logical id, and one that begins with a digit stays legal", () => {
    const owned = pathOf({
      settings: { visibilityTimeoutSeconds: 20, owner: { stackName: "shop", logicalId: "Inbox7A" } },
    });
    expect(piece("raise-visibility-timeout", "visibility-expired", owned).patch["cdk"]).toContain(
      '"Inbox7A"',
    );
    const digits = { ...short, queueName: "3d-prints.fifo" };
    const { patch } = piece("raise-visibility-timeout", "visibility-expired", digits);
    expect(patch["terraform"]).toContain('"aws_sqs_queue" "_3d_prints"');
    expect(patch["cloudformation"]).toContain("  3dPrintsQueue:");
  });

  test("FIFO: the summary says what a longer timeout costs", () => {
    const fifo = pathOf({ settings: { visibilityTimeoutSeconds: 20, fifo: true } });
    expect(piece("raise-visibility-timeout", "visibility-expired", fifo).summary).toMatch(
      /to 39 s \(1.3 × function timeout .*blocks its FIFO group/,
    );
  });

  test.each([
    {
      name: "twice the time, and the queue's with it",
      timeout: 30,
      batch: 10,
      summary: /more than 30 s or take fewer than 10/,
      timeouts: ["VisibilityTimeout: 360", "Timeout: 60"],
    },
    {
      name: "up to Lambda's longest",
      timeout: 600,
      batch: 1,
      summary: /more than 600 s, find out/,
      timeouts: ["VisibilityTimeout: 5400", "Timeout: 900"],
    },
    {
      name: "already at Lambda's longest",
      timeout: 900,
      batch: 1,
      summary: /already has Lambda's longest timeout/,
      timeouts: [],
    },
  ])("function timeout: $name", ({ timeout, batch, summary, timeouts }) => {
    const path = pathOf({ consumers: [consumerOf({ batchSize: batch }, { timeoutSeconds: timeout })] });
    const advice = piece("longer-function-timeout", "function-timeout", path);
    expect(advice.summary).toMatch(summary);
    for (const line of timeouts) expect(advice.patch["cloudformation"]).toContain(line);
  });

  test("partial batches: the mapping that lacks the setting, with the handler that FIFO needs", () => {
    const reporting = consumerOf({ reportBatchItemFailures: true });
    const lacking = consumerOf(
      { uuid: "b", batchSize: 7 },
      { name: "mail-orders", arn: `${FUNCTION_ARN}-2` },
    );
    const { patch, summary } = piece(
      "report-batch-item-failures",
      "partial-batch-replay",
      pathOf({ consumers: [reporting, lacking] }),
    );
    expect(summary).toMatch(/mail-orders.*up to 7/);
    expect(patch["cloudformation"]).toContain("FunctionResponseTypes: [ReportBatchItemFailures]");
    expect(patch["serverless"]).toContain("functionResponseType: ReportBatchItemFailures");
    const fifo = piece(
      "report-batch-item-failures",
      "partial-batch-replay",
      pathOf({ settings: { fifo: true } }),
    );
    expect(fifo.patch["typescript"]).toContain("event.Records.slice(index)");
    expect(patch["typescript"]).not.toContain("slice");
    for (const consumer of [reporting, consumerOf({ batchSize: 1 })]) {
      expect(kinds("partial-batch-replay", pathOf({ consumers: [consumer] }))).not.toContain(
        "report-batch-item-failures",
      );
    }
  });

  test.each([
    { reserved: undefined, value: 10, summary: /below the concurrency that is left/ },
    { reserved: 5, value: 5, summary: /at most its reserved concurrency of 5/ },
    { reserved: 1, value: 2, summary: /its least value, and the reserved concurrency of 1 to/ },
    { reserved: 2000, value: 1000, summary: /reserved concurrency of 2000/ },
  ])("reserved concurrency $reserved → MaximumConcurrency $value", ({ reserved, value, summary }) => {
    const path = pathOf();
    const context = { path, settings: path.settings, target: undefined };
    const known = reserved === undefined ? {} : { reservedConcurrency: { [FUNCTION_ARN]: reserved } };
    const [advice] = adviseCause({ cause: "throttled", context: { ...context, ...known }, settling: [] });
    expect(advice?.kind).toBe("maximum-concurrency");
    expect(advice?.summary).toMatch(summary);
    expect(advice?.patch?.["terraform"]).toContain(`maximum_concurrency = ${value}`);
    expect(advice?.patch?.["cloudformation"]).toContain(`MaximumConcurrency: ${value}`);
  });

  test("fan-out names each consumer once", () => {
    const path = pathOf({
      settings: { fifo: true },
      consumers: [
        consumerOf(),
        consumerOf({ uuid: "b" }, { name: "mail-orders" }),
        consumerOf({ uuid: "c" }),
      ],
    });
    const { summary, patch } = piece("sns-fan-out", "several-consumers", path);
    expect(summary).toContain("(charge-orders, mail-orders)");
    expect(patch["cdk"]?.match(/new sqs\.Queue/g)).toHaveLength(2);
    expect(patch["cdk"]).toContain('"OrdersTopic", { fifo: true }');
  });

  test("producers: FIFO deduplication lasts five minutes, and the key is the producer's own id", () => {
    expect(piece("fifo-deduplication-id", "producer-duplicate").summary).toMatch(
      /^Use a FIFO queue.*five minutes only/,
    );
    const fifo = piece("fifo-deduplication-id", "producer-duplicate", pathOf({ settings: { fifo: true } }));
    expect(fifo.summary).toMatch(/^Send a MessageDeduplicationId/);
    expect(fifo.patch["typescript"]).toContain("orders-queue");
    expect(piece("conditional-write", "producer-duplicate").patch["typescript"]).not.toContain(
      "record.messageId",
    );
    expect(piece("conditional-write", "at-least-once").patch["typescript"]).toContain("record.messageId");
  });

  test("a function that could not be read is called by its ARN, and nothing is made up about it", () => {
    const path = pathOf({ consumers: [consumerOf({ state: "Disabled" }, null)] });
    expect(piece("on-failure-destination", "async-retry", path).patch["cloudformation"]).toContain(
      "FunctionName: charge-orders",
    );
    expect(piece("fix-function-error", "function-error", path).summary).not.toContain("log group");
    expect(kinds("function-timeout", path)).not.toContain("longer-function-timeout");
    const odd = pathOf({ consumers: [consumerOf({ functionArn: "odd" }, null)] });
    expect(piece("fix-function-error", "function-error", odd).summary).toContain("error in consumer.");
    const none = { ...path, consumers: [] };
    expect([...kinds("throttled", none), ...kinds("function-error", none)]).toEqual([]);
    expect(kinds("async-retry", none)).not.toContain("on-failure-destination");
  });

  test("an alias keeps its own asynchronous settings", () => {
    const path = pathOf({ consumers: [consumerOf({}, { qualifier: "live" })] });
    expect(piece("on-failure-destination", "async-retry", path).patch["cloudformation"]).toContain(
      "Qualifier: live",
    );
    expect(piece("on-failure-destination", "async-retry").patch["cloudformation"]).toContain(
      "Qualifier: $LATEST",
    );
  });
});
