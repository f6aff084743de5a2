import { describe, expect, test } from "@jest/globals";
import { QUOTA_SHARE_OF_A_BATCH } from "../../aws/rates.ts";
import { lastAttempt, POLL_INTERVAL_MS, QUERY_PATIENCE_MS } from "../../core/scan/query-endings.ts";
import { describeDefinition, readDefinition, statesOf, tasksOf } from "../support/definition-rules.ts";

const definition = readDefinition("scan.asl.json");
const paths = definition.States["Paths"] as unknown as {
  readonly ToleratedFailurePercentage: number;
  readonly MaxConcurrency: number;
  readonly ItemProcessor: typeof definition;
};

describeDefinition("scan.asl.json", {
  definition,
  payloadKeys: ["scanId.$", "window.$", "batchKey.$", "attempt.$", "scheduledTime.$", "executionId.$"],
});

describe("scan.asl.json", () => {
  test("ends by itself before the next scan of the default schedule", () => {
    expect(definition.TimeoutSeconds).toBeLessThan(3 * 3600);
  });

  test("every task of a batch catches everything, so that no batch can fail the Map", () => {
    const inside = tasksOf(paths.ItemProcessor);
    expect(inside.length).toBeGreaterThan(0);
    for (const [name, state] of inside) {
      expect([name, state.Catch?.at(-1)?.ErrorEquals]).toEqual([name, ["States.ALL"]]);
    }
    expect(paths.ToleratedFailurePercentage).toBe(100);
  });

  test("the looks at the queries leave two of an EXPRESS child's five minutes for the rest", () => {
    const wait = statesOf(definition).find(([name]) => name === "WaitForQueries")?.[1];
    expect((wait?.Seconds ?? 0) * 1000).toBe(POLL_INTERVAL_MS);
    expect(lastAttempt(POLL_INTERVAL_MS) * POLL_INTERVAL_MS).toBeLessThanOrEqual(QUERY_PATIENCE_MS);
    expect(QUERY_PATIENCE_MS).toBeLessThanOrEqual(180_000);
  });

  test("as many batches at once as the functions' share of the log quotas allows for", () => {
    expect(paths.MaxConcurrency * QUOTA_SHARE_OF_A_BATCH).toBeLessThanOrEqual(1);
  });

  test("proposes changes last, whether there was anything to tell or not", () => {
    expect(definition.States["AnythingChanged"]).toMatchObject({ Default: "ProposeChanges" });
    expect(definition.States["Notify"]).toMatchObject({ Next: "ProposeChanges" });
    expect(definition.States["ProposeChanges"]).toMatchObject({ Next: "Done" });
  });
});
