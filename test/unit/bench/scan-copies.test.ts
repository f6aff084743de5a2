import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { copiesOf, copyName, originalOf } from "../../../bench/scan/copies.ts";
import { createAccount } from "../../../simulator/create-account.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
const HOUR_MS = 3_600_000;
const COPIES = 3;

const { account } = createAccount({
  seed: 1,
  endMs: END_MS,
  hours: 1,
  scenarios: ["healthy", "healthy-fifo", "async-source-quiet"],
});
const copied = copiesOf(account, COPIES);

describe("names of copies", () => {
  test.each([
    ["orders", 0, /^orders$/],
    ["orders", 2, /^[0-9a-f]{3}-orders-c2$/],
    ["orders.fifo", 2, /^[0-9a-f]{3}-orders-c2\.fifo$/],
    ["/aws/lambda/orders", 2, /^\/aws\/lambda\/[0-9a-f]{3}-orders-c2$/],
  ])("%s, copy %i → %s", (name, copy, expected) => {
    expect(copyName(name, copy)).toMatch(expected);
  });

  test("of one queue are scattered over the alphabet", () => {
    const firsts = Array.from({ length: 100 }, (_, copy) => copyName("orders", copy + 1)[0]);
    expect(new Set(firsts).size).toBeGreaterThan(10);
  });

  test("tell what they are copies of", () => {
    const name = fc.stringMatching(/^(\/aws\/lambda\/)?[a-z][a-z-]{0,20}[a-z](\.fifo)?$/);
    fc.assert(
      fc.property(name, fc.nat(99), (original, copy) => {
        expect(originalOf(copyName(original, copy))).toEqual({ original, copy });
      }),
    );
  });
});

describe("an account of copies", () => {
  test.each(["queues", "mappings", "functions", "logGroups"] as const)(
    "has so many times the %s, no two of one name",
    (list) => {
      const ids = copied[list]().map((one) => ("uuid" in one ? one.uuid : one.arn));
      expect(ids).toHaveLength(COPIES * account[list]().length);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  test("its mappings, dead-letter queues and log groups are those of the same copy", () => {
    const queues = new Set(copied.queues().map(({ arn }) => arn));
    const functions = new Set(copied.functions().map(({ arn }) => arn));
    const groups = new Set(copied.logGroups().map(({ name }) => name));
    for (const { eventSourceArn, functionArn } of copied.mappings()) {
      expect(queues).toContain(eventSourceArn);
      expect(functions).toContain(functionArn.split(":").slice(0, 7).join(":"));
    }
    for (const { logGroup } of copied.functions()) expect(groups).toContain(logGroup);
    for (const queue of copied.queues()) {
      const { QueueArn: arn, RedrivePolicy: redrive } = queue.attributes();
      expect(arn).toBe(queue.arn);
      if (redrive !== undefined) expect(queues).toContain(JSON.parse(redrive).deadLetterTargetArn);
    }
  });

  test("every copy has the metrics of its original", () => {
    const pointsOf = (queueName: string) => {
      const id = {
        namespace: "AWS/SQS",
        metricName: "NumberOfMessagesSent",
        dimensions: { QueueName: queueName },
      };
      return copied.metricPoints(id, END_MS - HOUR_MS, END_MS);
    };
    const names = account.queues().map(({ name }) => name);
    expect(names.flatMap(pointsOf).length).toBeGreaterThan(0);
    for (const name of names) expect(pointsOf(copyName(name, 2))).toEqual(pointsOf(name));
    expect([...copied.metrics()]).toHaveLength(COPIES * [...account.metrics()].length);
  });

  test("every copy has the log lines of its original", () => {
    const linesOf = (groups: ReturnType<typeof copied.logGroups>) =>
      groups.map((group) => [...group.events(END_MS - HOUR_MS, END_MS)].map(({ message }) => message));
    const lines = linesOf(copied.logGroups());
    const each = lines.length / COPIES;
    expect(lines.flat().length).toBeGreaterThan(0);
    expect(lines.slice(each, 2 * each)).toEqual(lines.slice(0, each));
  });
});
