// What every Ledger promises, run against each implementation.
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { FindingState } from "../../core/model/finding.ts";
import type { RatioBaseline } from "../../core/model/ratio-baseline.ts";
import type { Ledger, ScanClaim } from "../../core/ports.ts";

export function describeLedger(name: string, createLedger: () => Ledger): void {
  describe(name, () => {
    let ledger: Ledger;
    let scan = 0;
    beforeAll(() => {
      ledger = createLedger();
    });
    /** A scan id that no other test of this run uses. */
    const newScan = () => `scan-${++scan}`;

    describe("claimScan", () => {
      const claim = (scanId: string, owner: string, startedAtMs = 1): ScanClaim => ({
        scanId,
        owner,
        window: { startMs: 0, endMs: 60_000 },
        startedAtMs,
      });

      test("the first owner gets it and may claim again, others may not (I6)", async () => {
        const id = newScan();
        expect(await ledger.claimScan(claim(id, "a"))).toBe(true);
        expect(await ledger.claimScan(claim(id, "b"))).toBe(false);
        expect(await ledger.claimScan(claim(id, "a", 2))).toBe(true);
        expect(await ledger.claimScan(claim(newScan(), "b"))).toBe(true);
      });

      test("of many at once one wins", async () => {
        const id = newScan();
        const wins = await Promise.all(
          Array.from({ length: 20 }, (_, index) => ledger.claimScan(claim(id, `owner-${index}`))),
        );
        expect(wins.filter(Boolean)).toHaveLength(1);
      });
    });

    describe("documents", () => {
      test.each([
        { value: { a: [1, null, "é", { b: true }] } },
        { value: [] },
        { value: null },
        { value: "text" },
        { value: 0 },
        { value: false },
      ])("gives back $value", async ({ value }) => {
        const id = newScan();
        await ledger.putDocument(id, "key", value);
        expect(await ledger.getDocument(id, "key")).toStrictEqual(value);
      });

      test("an absent one is undefined, of this scan or key", async () => {
        const id = newScan();
        await ledger.putDocument(id, "key", 1);
        expect(await ledger.getDocument(id, "key2")).toBeUndefined();
        expect(await ledger.getDocument(newScan(), "key")).toBeUndefined();
      });

      test("large ones that do not compress are whole, and overwritten as a whole, longer or shorter", async () => {
        const id = newScan();
        const large = noise(1_500_000);
        const larger = noise(2_000_000, 7);
        await ledger.putDocument(id, "key", { large });
        expect(await ledger.getDocument(id, "key")).toStrictEqual({ large });
        await ledger.putDocument(id, "key", { larger });
        expect(await ledger.getDocument(id, "key")).toStrictEqual({ larger });
        await ledger.putDocument(id, "key", "short");
        expect(await ledger.getDocument(id, "key")).toBe("short");
        await ledger.putDocument(id, "key", { large });
        await ledger.putDocument(id, "key", { large });
        expect(await ledger.getDocument(id, "key")).toStrictEqual({ large });
        expect(await ledger.listDocumentKeys(id, "")).toStrictEqual(["key"]);
      });

      test("what the caller does to a value later changes nothing", async () => {
        const id = newScan();
        const value = { list: [1] };
        await ledger.putDocument(id, "key", value);
        value.list.push(2);
        const first = (await ledger.getDocument(id, "key")) as typeof value;
        first.list.push(3);
        expect(await ledger.getDocument(id, "key")).toStrictEqual({ list: [1] });
      });

      test("keys are listed by prefix and in order", async () => {
        const id = newScan();
        for (const key of ["deliveries/b/1", "diagnosis/b", "deliveries/a/10", "deliveries/a/2", "d"]) {
          await ledger.putDocument(id, key, key);
        }
        expect(await ledger.listDocumentKeys(id, "deliveries/")).toStrictEqual([
          "deliveries/a/10",
          "deliveries/a/2",
          "deliveries/b/1",
        ]);
        expect(await ledger.listDocumentKeys(id, "")).toHaveLength(5);
        expect(await ledger.listDocumentKeys(id, "x")).toStrictEqual([]);
      });

      test("as many keys as there are are listed", async () => {
        const id = newScan();
        const keys = Array.from({ length: 8 }, (_, index) => `large/${index}`);
        for (const key of keys) await ledger.putDocument(id, key, noise(300_000, key.length));
        expect(await ledger.listDocumentKeys(id, "large/")).toStrictEqual(keys);
      });
    });

    describe("reserve", () => {
      test("grants what is wanted, then what is left, then nothing", async () => {
        const id = newScan();
        expect(await ledger.reserve(id, "a", 60, 100)).toBe(60);
        expect(await ledger.reserve(id, "b", 60, 100)).toBe(40);
        expect(await ledger.reserve(id, "c", 60, 100)).toBe(0);
        expect(await ledger.reserve(newScan(), "c", 60, 100)).toBe(60);
      });

      test("the same holder gets its first grant again, also one of nothing (I6)", async () => {
        const id = newScan();
        expect(await ledger.reserve(id, "a", 70, 100)).toBe(70);
        expect(await ledger.reserve(id, "a", 70, 100)).toBe(70);
        expect(await ledger.reserve(id, "a", 10, 100)).toBe(70);
        expect(await ledger.reserve(id, "b", 0, 100)).toBe(0);
        expect(await ledger.reserve(id, "b", 30, 100)).toBe(0);
        expect(await ledger.reserve(id, "c", 50, 100)).toBe(30);
      });

      test.each([
        { wanted: 10.9, budget: 100, granted: 10 },
        { wanted: 10, budget: 9.9, granted: 9 },
        { wanted: 5, budget: 0, granted: 0 },
        { wanted: -5, budget: 10, granted: 0 },
        { wanted: 7e12, budget: 5e12, granted: 5e12 },
      ])("$wanted of $budget → $granted", async ({ wanted, budget, granted }) => {
        expect(await ledger.reserve(newScan(), "a", wanted, budget)).toBe(granted);
      });

      test("20 at once, each twice, never exceed the budget and use it up", async () => {
        const id = newScan();
        const holders = Array.from({ length: 20 }, (_, index) => `batch/${index} (é)`);
        const grants = await Promise.all(
          [...holders, ...holders].map((holder) => ledger.reserve(id, holder, 7, 100)),
        );
        const first = grants.slice(0, 20);
        expect(grants.slice(20)).toStrictEqual(first);
        expect(first.reduce((sum, grant) => sum + grant, 0)).toBe(100);
        expect(first.filter((grant) => grant === 7)).toHaveLength(14);
      });
    });

    describe("findings", () => {
      test("are kept over scans; a later state of one replaces the earlier", async () => {
        const before = await ledger.listFindingStates();
        const states = Array.from({ length: 60 }, (_, index) => findingState(`f-${index}`));
        await ledger.putFindingStates(states);
        await ledger.putFindingStates(states);
        const resolved: FindingState = { ...findingState("f-3"), status: "resolved", resolvedScanId: "s-2" };
        await ledger.putFindingStates([findingState("f-3"), resolved]);
        const after = await ledger.listFindingStates();
        expect(after).toHaveLength(before.length + 60);
        expect(after.find(({ id }) => id === "f-3")).toStrictEqual(resolved);
        expect(after.find(({ id }) => id === "f-59")).toStrictEqual(findingState("f-59"));
      });

      test("none to write is no error", async () => {
        await expect(ledger.putFindingStates([])).resolves.toBeUndefined();
      });
    });

    describe("baselines", () => {
      const arn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;
      const baseline = (hours: RatioBaseline["hours"]): RatioBaseline => ({
        setUp: "batch=10",
        fromMs: 0,
        untilMs: hours.length * 3_600_000,
        hours,
      });

      test("are kept a queue, over scans, and replaced as a whole (I6)", async () => {
        const queueArn = arn("kept");
        expect(await ledger.getBaseline(queueArn)).toBeUndefined();
        const first = baseline([[1, 10, 10]]);
        await ledger.putBaseline(queueArn, first);
        await ledger.putBaseline(queueArn, first);
        expect(await ledger.getBaseline(queueArn)).toStrictEqual(first);
        const second = { ...baseline([[2, 20, 30]]), restartedMs: 7 };
        await ledger.putBaseline(queueArn, second);
        expect(await ledger.getBaseline(queueArn)).toStrictEqual(second);
        expect(await ledger.getBaseline(arn("kept-2"))).toBeUndefined();
      });

      test("what the caller does to one later changes nothing", async () => {
        const queueArn = arn("mine");
        const hours: RatioBaseline["hours"] = [[1, 10, 10]];
        await ledger.putBaseline(queueArn, baseline(hours));
        hours.push([2, 20, 20]);
        expect(await ledger.getBaseline(queueArn)).toMatchObject({ hours: [[1, 10, 10]] });
      });
    });

    describe("notification", () => {
      test("is claimed once; a claim after a crash is told that it is unfinished (I6)", async () => {
        const id = newScan();
        expect(await ledger.claimNotification(id)).toBe("claimed");
        expect(await ledger.claimNotification(id)).toBe("unfinished");
        await ledger.markNotified(id);
        await ledger.markNotified(id);
        expect(await ledger.claimNotification(id)).toBe("done");
      });

      test("can be claimed again once it was released, but not once it was sent", async () => {
        const id = newScan();
        expect(await ledger.claimNotification(id)).toBe("claimed");
        await ledger.releaseNotification(id);
        await ledger.releaseNotification(id);
        expect(await ledger.claimNotification(id)).toBe("claimed");
        await ledger.markNotified(id);
        await ledger.releaseNotification(id);
        expect(await ledger.claimNotification(id)).toBe("done");
      });

      test("of many claims at once one wins", async () => {
        const id = newScan();
        const claims = await Promise.all(Array.from({ length: 20 }, () => ledger.claimNotification(id)));
        expect(claims.filter((claim) => claim === "claimed")).toHaveLength(1);
        expect(claims.filter((claim) => claim === "unfinished")).toHaveLength(19);
      });
    });
  });
}

/** Text that gzip cannot make much smaller, the same for the same seed. */
export function noise(length: number, seed = 1): string {
  let state = seed;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}

export function findingState(id: string): FindingState {
  const queueArn = "arn:aws:sqs:us-east-1:123456789012:orders";
  return {
    id,
    queueArn,
    status: "open",
    firstSeenScanId: "s-1",
    lastSeenScanId: "s-1",
    lastSeenMs: 0,
    strongestEvidence: "proven",
    finding: {
      id,
      queueArn,
      functionArns: [],
      cause: "visibility-expired",
      evidence: "proven",
      severity: "high",
      counts: { messages: 1, deliveries: 2, duplicateSharePercent: null },
      metrics: {
        sent: 1,
        received: 2,
        deleted: 2,
        backlogChange: 0,
        invocations: 2,
        errors: 0,
        throttles: 0,
        receivesPerMessage: 2,
        invocationRatio: 2,
        maxReceiveCount: 2,
      },
      examples: [],
      facts: [],
      explanation: "…",
      advice: [],
    },
  };
}
