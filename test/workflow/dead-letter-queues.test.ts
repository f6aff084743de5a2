// Dead-letter queues through the whole scan: moved back, moved back with nothing to link it, and consumed.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { FindingDocument } from "../../core/model/finding.ts";
import type { TruePath } from "../../simulator/truth.ts";
import { type SimulatedScans, simulateScans } from "../support/simulated-scan.ts";

let world: SimulatedScans;
let document: FindingDocument;
beforeAll(async () => {
  const scenarios = ["dlq-redrive", "dlq-redrive-unlinked", "consumed-dlq"];
  world = await simulateScans({ seed: 7, hours: 8, scenarios });
  ({ document } = await world.scan());
}, 60_000);
afterAll(() => world.server.close());

const path = (position: number): TruePath => {
  const found = world.truth.paths()[position];
  if (found === undefined) throw new Error(`no path ${position}`);
  return found;
};
const findingsOf = ({ queueArn }: TruePath) => document.findings.filter((one) => one.queueArn === queueArn);

describe("dead-letter queues", () => {
  test("a redrive is proven by the id that old and new message share", () => {
    const { queueArn } = path(0);
    const findings = findingsOf(path(0));
    expect(findings).toMatchObject([{ cause: "dlq-redrive", evidence: "proven", severity: "low" }]);
    const { start, end } = document.scan.window;
    const truth = [...world.truth.deliveries(queueArn, Date.parse(start), Date.parse(end))];
    const original = new Map(truth.map((one) => [one.messageId, one.redrivenFromId]));
    expect(findings[0]?.counts.messages).toBe(truth.filter(({ cause }) => cause === "dlq-redrive").length);
    for (const { deliveries } of findings[0]?.examples ?? []) {
      const [died, back] = deliveries.map((delivery) => delivery.messageId);
      expect(original.get(back ?? "")).toBe(died);
    }
  });

  test("without such an id nothing is said, and above all no duplicate", () => {
    const { start, end } = document.scan.window;
    const { redeliveriesByCause } = world.truth.summary(path(1).queueArn, Date.parse(start), Date.parse(end));
    expect(redeliveriesByCause["dlq-redrive"]).toBeGreaterThan(20);
    expect(findingsOf(path(1))).toEqual([]);
  });

  test("a dead-letter queue with a consumer of its own is quiet, and so is its source", () => {
    expect(path(3).queueArn).toBe(`${path(2).queueArn}-dlq`);
    expect([...findingsOf(path(2)), ...findingsOf(path(3))]).toEqual([]);
    expect(document.paths.find(({ queueArn }) => queueArn === path(3).queueArn)).toMatchObject({
      verdict: "healthy",
      logsRead: true,
    });
  });
});
