// A plan predicts how many duplicates its timeout would leave. Here the same account is simulated again with that
// timeout, and the duplicates are counted.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Finding } from "../../core/model/finding.ts";
import { createAccount } from "../../simulator/create-account.ts";
import type { Scenario } from "../../simulator/scenarios/path-spec.ts";
import { NOW_MS, type SimulatedScans, simulateScans } from "../support/simulated-scan.ts";

const FROM_SECONDS = 20;
/** Too short a cap: it leaves duplicates, so that there is something to predict. */
const CAP_SECONDS = 40;
const WINDOW_MS = 3 * 3_600_000;
const SETTLE_MS = 20 * 60_000;

/** A fifth of the runs takes between 22 and 58 seconds. */
const slow = (visibilityTimeoutSeconds: number): Scenario => ({
  name: "slow",
  description: "A fifth of the runs outlasts the visibility timeout.",
  causes: ["visibility-expired"],
  planExpected: true,
  build: () => ({
    queue: { visibilityTimeoutSeconds },
    producers: [{ rate: { kind: "steady", perSecond: 0.5 }, body: "order" }],
    consumers: [
      {
        timeoutSeconds: 60,
        batchSize: 1,
        shape: "node-json",
        work: { medianMs: 1500, slow: { share: 0.2, minMs: 22_000, maxMs: 58_000, sinceMs: 0 } },
      },
    ],
  }),
});
const options = (visibilityTimeoutSeconds: number) => ({
  seed: 11,
  hours: 4,
  scenarios: [slow(visibilityTimeoutSeconds)],
});

let scans: SimulatedScans;
let plan: Finding["plan"];

beforeAll(async () => {
  scans = await simulateScans(options(FROM_SECONDS));
  const { document } = await scans.scan({ settings: { maxVisibilityTimeoutSeconds: CAP_SECONDS } });
  plan = document.findings.find((finding) => finding.plan !== undefined)?.plan;
});

afterAll(() => scans.server.close());

describe("the predicted effect of a plan", () => {
  test("is what the same account shows with the new timeout", () => {
    const { truth } = createAccount({ endMs: NOW_MS, ...options(CAP_SECONDS) });
    const endMs = NOW_MS - SETTLE_MS;
    const { messages, duplicates } = truth.summary(plan?.queueArn ?? "", endMs - WINDOW_MS, endMs);
    const simulatedPercent = (100 * duplicates) / messages;
    expect(plan).toMatchObject({ from: FROM_SECONDS, to: CAP_SECONDS });
    const { before, after } = plan?.tradeOffs.duplicateSharePercent ?? {};
    expect(simulatedPercent).toBeGreaterThan(5);
    expect(Math.abs((after ?? 0) - simulatedPercent)).toBeLessThan(0.15 * simulatedPercent);
    expect(before).toBeGreaterThan(1.5 * simulatedPercent);
  });
});
