import { describe, expect, test } from "@jest/globals";
import { type Handlers, phaseNarrator, stepNarrator } from "../../../cli/narrate.ts";
import type { Progress } from "../../../cli/progress.ts";

const HANDLERS: Handlers = {
  ClaimScan: async () => ({
    scanId: "20261123T174000Z",
    window: { startMs: Date.parse("2026-11-23T14:20:00Z"), endMs: Date.parse("2026-11-23T17:20:00Z") },
  }),
  Discover: async () => ({ batchKeys: ["1", "2"], paths: 24 }),
  Measure: async () => ({ paths: 12, suspects: 3, candidates: 5 }),
  StartQueries: async () => ({ queries: 1 }),
  CollectDeliveries: async () => ({ pending: 0, running: 0, attempt: 2 }),
  Diagnose: async () => ({ findings: 4 }),
  Summarise: async () => ({ new: 4, continuing: 1, resolved: 0, unreached: 0, changed: true }),
  Notify: async () => ({ sent: true }),
  ProposeChanges: async () => ({ proposed: 1, open: 0 }),
};

const BATCH = ["Measure", "StartQueries", "CollectDeliveries", "Diagnose"];
const WORKFLOW = ["ClaimScan", "Discover", ...BATCH, ...BATCH, "Summarise", "Notify", "ProposeChanges"];

function recorder() {
  const lines: string[] = [];
  const progress: Progress = {
    step: (text) => void lines.push(text),
    detail: (text) => void lines.push(`  ${text}`),
    end: () => {},
  };
  return { lines, progress };
}

describe("narration", () => {
  test("phases come once and in order, though batches run side by side", async () => {
    const { lines, progress } = recorder();
    const narrator = phaseNarrator(progress);
    const handlers = narrator.listen(HANDLERS);
    for (const state of WORKFLOW) await handlers[state]?.({});
    narrator.logsUsed({ running: 1, bytesScanned: 1.2e6 });
    expect(lines.filter((line) => !line.startsWith(" "))).toEqual([
      "finding the delivery paths",
      "reading metrics",
      "reading logs",
      "putting the result together",
    ]);
    expect(lines).toContain("  12 of 24 delivery paths");
    expect(lines.at(-1)).toBe("  1 query running, 1.2 MB read, 2 of 2 batches done");
  });

  test("steps are a line each, with their result", async () => {
    const { lines, progress } = recorder();
    const handlers = stepNarrator(progress).listen(HANDLERS);
    for (const state of Object.keys(HANDLERS)) await handlers[state]?.({});
    expect(lines).toEqual([
      "ClaimScan          scan 20261123T174000Z is ours; window 2026-11-23 14:20 to 17:20 UTC",
      "Discover           24 delivery paths in 2 batches",
      "Measure            12 paths, 3 suspects, logs of 5 worth reading",
      "StartQueries       1 log query",
      "CollectDeliveries  all deliveries collected",
      "Diagnose           4 findings",
      "Summarise          4 new, 1 continuing, 0 resolved",
      "Notify             digest sent",
      "ProposeChanges     1 change proposed",
    ]);
  });

  test("inputs, outputs and failures pass through unchanged", async () => {
    const { lines, progress } = recorder();
    const handlers = stepNarrator(progress).listen({
      Discover: async (event) => event,
      Measure: () => Promise.reject(new Error("no")),
    });
    const event = { batchKeys: [], paths: 0 };
    expect(await handlers["Discover"]?.(event)).toBe(event);
    await expect(handlers["Measure"]?.({})).rejects.toThrow("no");
    expect(lines).toEqual(["Discover           0 delivery paths in 0 batches"]);
  });
});
