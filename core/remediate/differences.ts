// What is another way now than when a plan was made, in words for whoever has to decide.
import type { PlanInputs } from "../model/plan.ts";

export interface Difference {
  readonly what: string;
  readonly was: string;
  readonly is: string;
}

/** Empty when both give the same hash. */
export function differencesOf(was: PlanInputs, is: PlanInputs): Difference[] {
  const plain = (
    what: string,
    value: (inputs: PlanInputs) => string | number | boolean | undefined,
  ): Difference[] => {
    const [before, now] = [String(value(was) ?? "none"), String(value(is) ?? "none")];
    return before === now ? [] : [{ what, was: before, is: now }];
  };
  return [
    ...plain("queue", ({ queueArn }) => queueArn),
    ...plain("visibility timeout", ({ from }) => `${from} s`),
    ...plain("proposed visibility timeout", ({ to }) => `${to} s`),
    ...plain("policy of the proposal", ({ policy }) => policy),
    ...plain("FIFO", ({ fifo }) => fifo),
    ...plain("dead-letter queue", ({ redrive }) => redrive?.deadLetterTargetArn),
    ...plain("maxReceiveCount", ({ redrive }) => redrive?.maxReceiveCount),
    ...plain("message retention", ({ messageRetentionSeconds }) => `${messageRetentionSeconds} s`),
    ...consumerDifferences(was, is),
  ];
}

type Consumer = PlanInputs["consumers"][number];

function consumerDifferences(was: PlanInputs, is: PlanInputs): Difference[] {
  const before = new Map(was.consumers.map((one) => [one.uuid, one]));
  const now = new Map(is.consumers.map((one) => [one.uuid, one]));
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((uuid) => {
    const [old, fresh] = [before.get(uuid), now.get(uuid)];
    if (old === undefined || fresh === undefined) {
      const nameOf = (one: Consumer | undefined) => (one === undefined ? "does not poll" : one.functionArn);
      return [{ what: `event source mapping ${uuid}`, was: nameOf(old), is: nameOf(fresh) }];
    }
    const name = fresh.functionArn.split(":").slice(6).join(":");
    const fields: readonly [what: string, value: (one: Consumer) => string][] = [
      ["function", ({ functionArn }) => functionArn],
      [
        "function timeout",
        ({ functionTimeoutSeconds: seconds }) => (seconds === null ? "unknown" : `${seconds} s`),
      ],
      ["batch size", ({ batchSize }) => String(batchSize)],
      ["batching window", ({ maximumBatchingWindowSeconds }) => `${maximumBatchingWindowSeconds} s`],
      ["state of the event source mapping", ({ state }) => state],
    ];
    return fields.flatMap(([what, value]) =>
      value(old) === value(fresh) ? [] : [{ what: `${what} of ${name}`, was: value(old), is: value(fresh) }],
    );
  });
}
