import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { hashOf } from "../../../core/advise/canonical-json.ts";
import type { PlanInputs } from "../../../core/model/plan.ts";
import { differencesOf } from "../../../core/remediate/differences.ts";
import { planInputs } from "../../support/changes.ts";
import { functionArn, queueArn } from "../../support/scan-fakes.ts";

const WAS = planInputs("orders");
const [worker] = WAS.consumers as [PlanInputs["consumers"][number]];
const withConsumer = (more: Partial<typeof worker>): Partial<PlanInputs> => ({
  consumers: [{ ...worker, ...more }],
});

describe("differencesOf", () => {
  test.each([
    [{ queueArn: queueArn("other") }, "queue", queueArn("orders"), queueArn("other")],
    [{ from: 45 }, "visibility timeout", "30 s", "45 s"],
    [{ to: 90 }, "proposed visibility timeout", "60 s", "90 s"],
    [{ policy: "margin" }, "policy of the proposal", "aws", "margin"],
    [{ fifo: true }, "FIFO", "false", "true"],
    [{ messageRetentionSeconds: 60 }, "message retention", "345600 s", "60 s"],
    [withConsumer({ batchSize: 1 }), "batch size of orders-worker", "10", "1"],
    [withConsumer({ maximumBatchingWindowSeconds: 5 }), "batching window of orders-worker", "0 s", "5 s"],
    [withConsumer({ functionTimeoutSeconds: 20 }), "function timeout of orders-worker", "10 s", "20 s"],
    [withConsumer({ functionTimeoutSeconds: null }), "function timeout of orders-worker", "10 s", "unknown"],
    [
      withConsumer({ state: "Updating" }),
      "state of the event source mapping of orders-worker",
      "Enabled",
      "Updating",
    ],
    [
      withConsumer({ functionArn: `${functionArn("new")}:live` }),
      "function of new:live",
      functionArn("orders-worker"),
      `${functionArn("new")}:live`,
    ],
  ] as [Partial<PlanInputs>, string, string, string][])("%j: %s", (more, what, was, is) => {
    expect(differencesOf(WAS, { ...WAS, ...more })).toEqual([{ what, was, is }]);
  });

  test("a dead-letter queue that went away", () => {
    expect(differencesOf(WAS, { ...WAS, redrive: null })).toEqual([
      { what: "dead-letter queue", was: queueArn("orders-dlq"), is: "none" },
      { what: "maxReceiveCount", was: "5", is: "none" },
    ]);
  });

  test("a mapping that came or went", () => {
    const second = { ...worker, uuid: "second", functionArn: functionArn("second") };
    const more = { ...WAS, consumers: [worker, second] };
    const what = "event source mapping second";
    expect(differencesOf(WAS, more)).toEqual([{ what, was: "does not poll", is: functionArn("second") }]);
    expect(differencesOf(more, WAS)).toEqual([{ what, was: functionArn("second"), is: "does not poll" }]);
  });

  const consumers = fc.array(
    fc.record({
      uuid: fc.constantFrom("u1", "u2", "u3"),
      state: fc.constantFrom("Enabled", "Updating"),
      functionArn: fc.constantFrom(functionArn("a"), functionArn("b")),
      batchSize: fc.constantFrom(1, 10),
      maximumBatchingWindowSeconds: fc.constantFrom(0, 5),
      functionTimeoutSeconds: fc.option(fc.constantFrom(10, 20)),
    }),
    { maxLength: 3 },
  );
  const unique = (list: PlanInputs["consumers"]) => [
    ...new Map(list.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1)).map((one) => [one.uuid, one])).values(),
  ];
  const inputs: fc.Arbitrary<PlanInputs> = fc.record({
    queueArn: fc.constant(queueArn("orders")),
    from: fc.constantFrom(30, 45),
    to: fc.constantFrom(60, 90),
    policy: fc.constantFrom("aws", "margin"),
    fifo: fc.boolean(),
    redrive: fc.option(
      fc.record({ deadLetterTargetArn: fc.constantFrom("d1", "d2"), maxReceiveCount: fc.constantFrom(3, 5) }),
    ),
    messageRetentionSeconds: fc.constantFrom(60, 345_600),
    consumers: consumers.map(unique),
  });

  test("I3: names something exactly where the hashes differ", () => {
    fc.assert(
      fc.property(inputs, inputs, (was, is) => {
        expect(differencesOf(was, is).length === 0).toBe(hashOf(was) === hashOf(is));
        expect(differencesOf(was, structuredClone(was))).toEqual([]);
      }),
    );
  });
});
