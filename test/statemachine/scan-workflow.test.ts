import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ContractError, ScanAlreadyClaimedError, TransientError } from "../../core/errors.ts";
import { runWorkflow, type WorkflowStep } from "../../statemachine/interpreter.ts";

const definition = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../statemachine/scan.asl.json"), "utf8"),
);
const scan = { scanId: "20261123T180000Z", window: { startMs: 0, endMs: 60_000 } };

type Handlers = Parameters<typeof runWorkflow>[0]["handlers"];

/** A scan of two batches in which nothing special happens. */
function handlers(special: Handlers = {}): Handlers {
  return {
    ClaimScan: async () => scan,
    Discover: async () => ({ batchKeys: ["0001", "0002"], paths: 2 }),
    Measure: async () => ({ paths: 1, suspects: 1, candidates: 1 }),
    StartQueries: async () => ({ queries: 1 }),
    CollectDeliveries: async (event) => ({
      pending: 0,
      running: 0,
      attempt: (event as { attempt: number }).attempt,
    }),
    Diagnose: async () => ({ findings: 1 }),
    Summarise: async () => ({ new: 1, continuing: 0, resolved: 0, unreached: 0, changed: true }),
    Notify: async () => ({ sent: true }),
    ProposeChanges: async () => ({ proposed: 0, open: 0 }),
    ...special,
  };
}

async function run(special: Handlers = {}) {
  const steps: WorkflowStep[] = [];
  const output = await runWorkflow({
    definition,
    handlers: handlers(special),
    input: { scheduledTime: "2026-11-23T18:00:00Z" },
    executionName: "test",
    waitMs: 0,
    retryMs: 0,
    onStep: (step) => steps.push(step),
  });
  const entered = (state: string) =>
    steps.filter((step) => step.phase === "entered" && step.state === state).length;
  return { output, steps, entered };
}

const failFor =
  (batchKey: string, error: Error, otherwise: unknown) =>
  async (event: unknown): Promise<unknown> => {
    if ((event as { batchKey: string }).batchKey === batchKey) throw error;
    return otherwise;
  };

describe("the scan workflow", () => {
  test("runs every state once a batch, and tells", async () => {
    const { output, entered } = await run();
    expect(output).toMatchObject({ ...scan, batches: { finished: 2 }, notification: { sent: true } });
    expect(["Measure", "StartQueries", "CollectDeliveries", "Diagnose"].map(entered)).toEqual([2, 2, 2, 2]);
    expect(entered("Notify")).toBe(1);
    expect(entered("ProposeChanges")).toBe(1);
    expect(output).toMatchObject({ changes: { proposed: 0, open: 0 } });
  });

  test("hands the scheduled time and the execution's id to ClaimScan, and keys to the rest", async () => {
    const events: Record<string, unknown> = {};
    const spy = (name: string) => async (event: unknown) => {
      events[name] = event;
      return handlers()[name]?.(event);
    };
    await run({ ClaimScan: spy("ClaimScan"), Discover: spy("Discover"), Measure: spy("Measure") });
    expect(events).toEqual({
      ClaimScan: {
        scheduledTime: "2026-11-23T18:00:00Z",
        executionId: expect.stringMatching(/:execution:scan:test$/),
      },
      Discover: scan,
      Measure: { ...scan, batchKey: expect.stringMatching(/^000[12]$/) },
    });
  });

  test("a scan that another execution has claimed ends quietly, with nothing done", async () => {
    const { entered } = await run({
      ClaimScan: async () => {
        throw new ScanAlreadyClaimedError("scan 20261123T180000Z belongs to another execution");
      },
    });
    expect(entered("AlreadyClaimed")).toBe(1);
    expect(entered("Discover")).toBe(0);
  });

  test("tells nothing when nothing changed, and still looks for what may be proposed", async () => {
    const { entered } = await run({
      Summarise: async () => ({ new: 0, continuing: 3, resolved: 0, unreached: 0, changed: false }),
    });
    expect(entered("Notify")).toBe(0);
    expect(entered("ProposeChanges")).toBe(1);
    expect(entered("Done")).toBe(1);
  });

  test("a batch without candidates goes straight to Diagnose", async () => {
    const { entered } = await run({ Measure: async () => ({ paths: 1, suspects: 0, candidates: 0 }) });
    expect(entered("StartQueries")).toBe(0);
    expect(entered("Diagnose")).toBe(2);
  });

  test("an account without paths is summarised too", async () => {
    const { output, entered } = await run({ Discover: async () => ({ batchKeys: [], paths: 0 }) });
    expect(output).toMatchObject({ batches: { finished: 0 } });
    expect(entered("Summarise")).toBe(1);
  });

  test("looks again while paths are pending, counting its looks, and waits only while queries run", async () => {
    const attempts: number[] = [];
    const running = [2, 0, 1, 0];
    const { steps } = await run({
      Discover: async () => ({ batchKeys: ["0001"], paths: 1 }),
      CollectDeliveries: async (event) => {
        const { attempt } = event as { attempt: number };
        attempts.push(attempt);
        return { pending: attempt < 4 ? 1 : 0, running: running[attempt - 1], attempt };
      },
    });
    expect(attempts).toEqual([1, 2, 3, 4]);
    const loop = steps.filter(({ phase, state }) => phase === "entered" && /WaitFor|Collect/.test(state));
    expect(loop.map(({ state }) => state)).toEqual([
      "WaitForQueries",
      "CollectDeliveries",
      "WaitForQueries",
      "CollectDeliveries",
      "CollectDeliveries",
      "WaitForQueries",
      "CollectDeliveries",
    ]);
  });

  test("one failing batch never stops the other, nor the scan", async () => {
    const { output, steps, entered } = await run({
      Measure: failFor("0002", new ContractError("a bug"), { paths: 1, suspects: 0, candidates: 0 }),
    });
    expect(output).toMatchObject({ batches: { finished: 2 }, notification: { sent: true } });
    expect(entered("BatchFailed")).toBe(1);
    const failed = steps.filter((step) => step.phase === "failed");
    expect(failed).toMatchObject([
      { state: "Measure", batchKey: "0002", error: { name: "ContractError", cause: "a bug" } },
    ]);
  });

  test.each(["StartQueries", "CollectDeliveries"])(
    "a batch whose %s fails is still judged by its numbers",
    async (state) => {
      const answer = { queries: 1, pending: 0, running: 0, attempt: 1 };
      const { entered } = await run({ [state]: failFor("0001", new ContractError("a bug"), answer) });
      expect(entered("BatchFailed")).toBe(0);
      expect(entered("Diagnose")).toBe(2);
    },
  );

  test("a passing failure is tried again", async () => {
    let tries = 0;
    const { steps, entered } = await run({
      Discover: async () => {
        tries += 1;
        if (tries < 3) throw new TransientError("throttled");
        return { batchKeys: ["0001"], paths: 1 };
      },
    });
    expect(tries).toBe(3);
    expect(steps.filter((step) => step.phase === "retried").length).toBe(2);
    expect(entered("Notify")).toBe(1);
  });

  test.each(["Discover", "Summarise", "Notify", "ProposeChanges"])(
    "the scan fails by name when %s fails",
    async (state) => {
      const error = new ContractError("expected this, got that");
      const failing = async () => {
        throw error;
      };
      await expect(run({ [state]: failing })).rejects.toMatchObject({
        name: "ContractError",
        message: "expected this, got that",
        cause: error,
      });
    },
  );
});
