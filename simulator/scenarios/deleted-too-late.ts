import type { Scenario } from "./path-spec.ts";

/**
 * 20 s in the batch and up to 17.5 s of work pass the 30 s timeout of the batch's first messages; the copy
 * waits in a batch of its own and starts after the first has ended.
 */
export const deletedTooLate: Scenario = {
  name: "deleted-too-late",
  description: "Batching window and work together pass the visibility timeout, so the delete comes too late.",
  causes: ["deleted-too-late"],
  planExpected: true,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 30 },
    producers: [{ rate: { kind: "steady", perSecond: 0.15 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 25,
        batchSize: 50,
        batchingWindowSeconds: 20,
        work: { medianMs: 3_000, slow: { share: 0.3, minMs: 11_500, maxMs: 17_500, sinceMs: 0 } },
        shape: "powertools",
      },
    ],
  }),
};
