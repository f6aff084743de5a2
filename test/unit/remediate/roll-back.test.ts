import { describe, expect, test } from "@jest/globals";
import { TransientError, UnreadableError } from "../../../core/errors.ts";
import { type Change, ChangeStatus, EffectVerdict } from "../../../core/model/change.ts";
import { rollBack } from "../../../core/remediate/roll-back.ts";
import {
  closedChange,
  confirmedChange,
  createRemediationFakes,
  dyingAnywhere,
  NOW_MS,
  putChange,
  type RemediationFakes,
} from "../../support/remediation-fakes.ts";
import { queueArn } from "../../support/scan-fakes.ts";

const ID = "change-orders";
const HARMFUL = confirmedChange({ verdict: "worse", verdictReasons: ["the oldest message was 900 s old"] });

/** Raised by us, and it did harm. */
async function prepare(one: Change = HARMFUL, seconds = 60) {
  const fakes = createRemediationFakes();
  fakes.setSeconds("orders", seconds);
  await putChange(fakes, one);
  return fakes;
}

const run = (fakes: RemediationFakes) => rollBack(fakes.ports, { changeId: ID });
const stored = (fakes: RemediationFakes) => fakes.ports.changes.get(ID);

describe("rollBack", () => {
  test("sets the old value, once, and notes when", async () => {
    const fakes = await prepare();
    expect(await run(fakes)).toBe(true);
    expect(fakes.writes).toMatchObject([{ from: 60, to: 30 }]);
    expect(await stored(fakes)).toMatchObject({ status: "rolling-back", rollBack: { atMs: NOW_MS } });
  });

  test("the intent is in the ledger before the queue is touched", async () => {
    const fakes = await prepare();
    await run(fakes);
    expect(fakes.log.indexOf("changes.save")).toBeLessThan(
      fakes.log.indexOf("queueWriter.setVisibilityTimeout"),
    );
  });
});

describe("I1: never lowered, except back from the value that we set", () => {
  test.each([
    ["raised further by somebody else", 90],
    ["lowered by somebody else", 45],
    ["set back by somebody else", 30],
  ])("%s (%d s): left as it is, and said so", async (_, seconds) => {
    const fakes = await prepare(HARMFUL, seconds);
    expect(await run(fakes)).toBe(false);
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).toMatchObject({
      status: "confirmed",
      rollBack: { atMs: NOW_MS, refused: `the queue holds ${seconds} s, which is not what was set (60 s)` },
    });
  });

  test("after the intent, somebody else's value is still theirs", async () => {
    const fakes = await prepare({ ...HARMFUL, status: "rolling-back" }, 45);
    expect(await run(fakes)).toBe(false);
    expect(fakes.writes).toEqual([]);
  });

  test("only what was found harmful is rolled back, whatever else holds", async () => {
    const { verdict: _, ...unjudged } = HARMFUL;
    for (const status of ChangeStatus.options.filter((one) => one !== "rolling-back")) {
      for (const verdict of [undefined, ...EffectVerdict.options]) {
        for (const seconds of [30, 45, 60, 90]) {
          const judged = verdict === undefined ? unjudged : { ...unjudged, verdict };
          const fakes = await prepare({ ...judged, status }, seconds);
          const may = status === "confirmed" && verdict === "worse" && seconds === 60;
          const where = `${status} ${verdict} ${seconds} s`;
          expect([where, await run(fakes)]).toEqual([where, may]);
          const writes = fakes.writes.map(({ from, to }) => [from, to]);
          expect([where, writes]).toEqual([where, may ? [[60, 30]] : []]);
        }
      }
    }
  });

  test("closed while the queue was looked at: nothing is written, nothing is noted", async () => {
    const fakes = await prepare();
    const describeQueue = async (arn: string) => {
      await fakes.ports.changes.save({ ...HARMFUL, status: "closed", outcome: "failed" });
      return fakes.ports.queues.describeQueue(arn);
    };
    const ports = { ...fakes.ports, queues: { ...fakes.ports.queues, describeQueue } };
    expect(await rollBack(ports, { changeId: ID })).toBe(false);
    expect(fakes.writes).toEqual([]);
    expect(await stored(fakes)).not.toHaveProperty("rollBack");
  });

  test("closed while the queue was set: what is closed stays as it is", async () => {
    const fakes = await prepare();
    const setVisibilityTimeout = async (url: string, arn: string, seconds: number) => {
      await fakes.ports.queueWriter.setVisibilityTimeout(url, arn, seconds);
      const now = await stored(fakes);
      if (now !== undefined) await fakes.ports.changes.save({ ...now, status: "closed", outcome: "failed" });
    };
    const ports = { ...fakes.ports, queueWriter: { setVisibilityTimeout } };
    expect(await rollBack(ports, { changeId: ID })).toBe(false);
    expect(await stored(fakes)).not.toHaveProperty("rollBack");
  });

  test("I8: a queue that cannot be read is not touched, and tried again", async () => {
    const fakes = await prepare();
    fakes.queues.set(queueArn("orders"), new UnreadableError("orders", "denied"));
    await expect(run(fakes)).rejects.toThrow(TransientError);
    expect(fakes.writes).toEqual([]);
  });
});

describe("I6: RollBack may run twice, and die between any two calls", () => {
  test("the queue is back at the old value, and that is noted", async () => {
    const deaths = await dyingAnywhere(prepare, run, async (fakes, where) => {
      expect([where, fakes.secondsOf("orders")]).toEqual([where, 30]);
      expect([where, fakes.writes.map(({ to }) => to)]).toEqual([where, fakes.writes.map(() => 30)]);
      expect([where, (await stored(fakes))?.rollBack]).toEqual([where, { atMs: NOW_MS }]);
    });
    expect(deaths).toBeGreaterThan(10);
  });

  test("a write whose answer was lost is found on the queue, and not made again", async () => {
    const fakes = await prepare();
    fakes.fail("queueWriter.setVisibilityTimeout", new TransientError("no answer"), { after: true });
    await expect(run(fakes)).rejects.toThrow(TransientError);
    expect(await run(fakes)).toBe(true);
    expect(fakes.writes).toHaveLength(1);
  });

  test.each([
    [{ atMs: NOW_MS }, true],
    [{ atMs: NOW_MS, refused: "somebody else" }, false],
  ])("what was noted, %j, is not tried again", async (noted, expected) => {
    const fakes = await prepare(closedChange("worse", { verdict: "worse", rollBack: noted }));
    expect(await run(fakes)).toBe(expected);
    expect(fakes.log).not.toContain("queues.describeQueue");
  });

  test("of two at once the first note stands", async () => {
    const fakes = await prepare();
    expect(await Promise.all([run(fakes), run(fakes)])).toEqual([true, true]);
    expect(fakes.secondsOf("orders")).toBe(30);
    expect(await stored(fakes)).toMatchObject({ rollBack: { atMs: NOW_MS } });
  });
});
