// What every ChangeLedger promises, run against each implementation.
import { beforeAll, describe, expect, test } from "@jest/globals";
import { ApprovalLink, AuditRow, Change } from "../../core/model/change.ts";
import type { ChangeLedger } from "../../core/ports.ts";
import { approvalLink, auditRow, change } from "./changes.ts";

export function describeChangeLedger(name: string, createLedger: () => ChangeLedger): void {
  describe(name, () => {
    let ledger: ChangeLedger;
    let queues = 0;
    beforeAll(() => {
      ledger = createLedger();
    });
    /** A change of a queue that no other test of this run uses. */
    const newChange = (more: Partial<Change> = {}) => change({ queueName: `queue-${++queues}`, ...more });
    const closed = (one: Change): Change => ({ ...one, status: "closed", outcome: "rejected", closedMs: 1 });
    async function close(one: Change): Promise<void> {
      expect(await ledger.save(closed(one))).toBe(true);
      await ledger.release(one);
    }
    const openOf = async ({ queueArn }: Change) =>
      (await ledger.list()).filter((one) => one.queueArn === queueArn && one.status !== "closed");

    describe("I4: open", () => {
      test("gives the change back, whole", async () => {
        const one = newChange();
        expect(await ledger.open(one)).toStrictEqual(one);
        expect(await ledger.get(one.id)).toStrictEqual(one);
        expect(Change.parse(await ledger.get(one.id))).toStrictEqual(one);
      });

      test("again gives the change as it is by now (I6)", async () => {
        const one = newChange();
        await ledger.open(one);
        await ledger.save({ ...one, status: "waiting" });
        expect(await ledger.open(one)).toStrictEqual({ ...one, status: "waiting", version: 2 });
        expect(await ledger.get(one.id)).toMatchObject({ version: 2 });
      });

      test("another of the same queue gives the first, and leaves nothing behind", async () => {
        const one = newChange();
        const another = { ...one, id: `${one.id}-2` };
        await ledger.open(one);
        expect(await ledger.open(another)).toStrictEqual(one);
        expect(await ledger.get(another.id)).toBeUndefined();
        expect(await openOf(one)).toStrictEqual([one]);
      });

      test("one of another queue has a place of its own", async () => {
        const [one, another] = [newChange(), newChange()];
        expect(await ledger.open(one)).toStrictEqual(one);
        expect(await ledger.open(another)).toStrictEqual(another);
      });

      test("the next has the place once the first is closed, released or not", async () => {
        const one = newChange();
        const [second, third] = [
          { ...one, id: `${one.id}-2` },
          { ...one, id: `${one.id}-3` },
        ];
        await ledger.open(one);
        await close(one);
        expect(await ledger.open(second)).toStrictEqual(second);
        await ledger.save(closed(second));
        expect(await ledger.open(third)).toStrictEqual(third);
        expect(await openOf(one)).toStrictEqual([third]);
      });

      test("a repeat after the end is told so, and takes no place", async () => {
        const one = newChange();
        const next = { ...one, id: `${one.id}-2` };
        await ledger.open(one);
        await close(one);
        expect(await ledger.open(one)).toBeUndefined();
        expect(await ledger.get(one.id)).toMatchObject({ status: "closed" });
        expect(await ledger.open(next)).toStrictEqual(next);
        expect(await ledger.open(one)).toBeUndefined();
        expect(await openOf(one)).toStrictEqual([next]);
      });

      test("a release by a change that has lost the place changes nothing", async () => {
        const one = newChange();
        const [next, last] = [
          { ...one, id: `${one.id}-2` },
          { ...one, id: `${one.id}-3` },
        ];
        await ledger.open(one);
        await close(one);
        await ledger.open(next);
        await ledger.release(one);
        expect(await ledger.open(last)).toStrictEqual(next);
      });

      test("of many at once, each tried twice, one is open and all are told the same", async () => {
        const one = newChange();
        const changes = Array.from({ length: 15 }, (_, index) => ({ ...one, id: `${one.id}-${index}` }));
        const told = await Promise.all([...changes, ...changes].map((each) => ledger.open(each)));
        const [open, ...others] = await openOf(one);
        expect(others).toStrictEqual([]);
        expect(new Set(told.map((each) => each?.id))).toStrictEqual(new Set([open?.id]));
      });

      test("of many at once that are closed at once too, never two are open", async () => {
        const one = newChange();
        const most: number[] = [];
        await Promise.all(
          Array.from({ length: 12 }, async (_, index) => {
            const mine = { ...one, id: `${one.id}-${index % 6}` };
            const got = await ledger.open(mine);
            most.push((await openOf(one)).length);
            if (got !== undefined && (await ledger.save(closed(got)))) await ledger.release(got);
            await ledger.open(mine);
            most.push((await openOf(one)).length);
          }),
        );
        expect(Math.max(...most)).toBe(1);
        expect((await openOf(one)).length).toBeLessThanOrEqual(1);
      });
    });

    describe("save", () => {
      test("raises the version; a write that read an older one is refused", async () => {
        const one = newChange();
        await ledger.open(one);
        expect(await ledger.save({ ...one, status: "waiting" })).toBe(true);
        expect(await ledger.save({ ...one, status: "approved" })).toBe(false);
        expect(await ledger.get(one.id)).toStrictEqual({ ...one, status: "waiting", version: 2 });
        expect(await ledger.save({ ...one, status: "approved", version: 2 })).toBe(true);
        expect(await ledger.get(one.id)).toStrictEqual({ ...one, status: "approved", version: 3 });
      });

      test("of many at once one wins", async () => {
        const one = newChange();
        await ledger.open(one);
        const wins = await Promise.all(
          Array.from({ length: 15 }, (_, index) => ledger.save({ ...one, outcomeReason: `${index}` })),
        );
        expect(wins.filter(Boolean)).toHaveLength(1);
        expect(await ledger.get(one.id)).toMatchObject({
          version: 2,
          outcomeReason: `${wins.indexOf(true)}`,
        });
      });

      test("of one that was never opened is refused", async () => {
        const one = newChange();
        expect(await ledger.save(one)).toBe(false);
        expect(await ledger.get(one.id)).toBeUndefined();
      });

      test("a closed one can be added to, but not opened again (I4)", async () => {
        const one = newChange();
        await ledger.open(one);
        await close(one);
        expect(await ledger.save({ ...one, version: 2, status: "applied" })).toBe(false);
        const added = { ...closed(one), version: 2, undoneToldScanId: "s" };
        expect(await ledger.save(added)).toBe(true);
        expect(await ledger.get(one.id)).toStrictEqual({ ...added, version: 3 });
      });
    });

    test("changes are listed oldest first, closed ones too", async () => {
      const [late, early] = [newChange({ createdMs: 2_000 }), newChange({ createdMs: 1_000 })];
      await ledger.open(late);
      await ledger.open(early);
      await close(late);
      const ids = (await ledger.list()).map(({ id }) => id);
      expect(ids.slice(0, 2)).toStrictEqual([early.id, late.id]);
    });

    test("what the caller does to a change later changes nothing", async () => {
      const one = newChange();
      const kept = structuredClone(one);
      const given = await ledger.open(one);
      for (const each of [one, given, await ledger.get(one.id), (await ledger.list()).at(-1)]) {
        each?.decisions.push({ approver: "eve@example.com", verdict: "approve", atMs: 1 });
      }
      expect(await ledger.get(one.id)).toStrictEqual(kept);
    });

    test("a change that is not there is undefined", async () => {
      expect(await ledger.get("nowhere")).toBeUndefined();
    });

    test("the task tokens of a change are kept, each once, and no reader of changes meets them", async () => {
      const one = newChange();
      await ledger.open(one);
      expect(await ledger.listTaskTokens(one.id)).toEqual([]);
      await ledger.addTaskToken(one.id, "first-token");
      await ledger.addTaskToken(one.id, "second-token");
      await ledger.addTaskToken(one.id, "first-token");
      expect((await ledger.listTaskTokens(one.id)).sort()).toEqual(["first-token", "second-token"]);
      expect(JSON.stringify([await ledger.list(), await ledger.get(one.id)])).not.toContain("-token");
      expect(await ledger.listTaskTokens("nowhere")).toEqual([]);
    });

    describe("links", () => {
      let links = 0;
      const newLink = () => approvalLink({ idHash: `hash-${++links}` });

      test("are given back whole", async () => {
        const link = newLink();
        await ledger.putLink(link);
        expect(await ledger.getLink(link.idHash)).toStrictEqual(link);
        expect(ApprovalLink.parse(await ledger.getLink(link.idHash))).toStrictEqual(link);
        expect(await ledger.getLink("nowhere")).toBeUndefined();
      });

      test("a code can be tried so often and no more; each try is counted", async () => {
        const link = newLink();
        await ledger.putLink(link);
        const tries = [];
        for (let index = 0; index < 5; index += 1) tries.push(await ledger.countTry(link.idHash, 3));
        expect(tries).toStrictEqual([true, true, true, false, false]);
        expect(await ledger.getLink(link.idHash)).toStrictEqual({ ...link, tries: 3 });
      });

      test("a link that is written again keeps its tries (I6)", async () => {
        const link = newLink();
        await ledger.putLink(link);
        await ledger.countTry(link.idHash, 1);
        await ledger.putLink(link);
        expect(await ledger.countTry(link.idHash, 1)).toBe(false);
      });

      test("of many tries at once no more are let through", async () => {
        const link = newLink();
        await ledger.putLink(link);
        const tries = await Promise.all(Array.from({ length: 20 }, () => ledger.countTry(link.idHash, 5)));
        expect(tries.filter(Boolean)).toHaveLength(5);
      });

      test("an unknown link has no tries, and none is made by trying", async () => {
        expect(await ledger.countTry("made-up", 5)).toBe(false);
        expect(await ledger.getLink("made-up")).toBeUndefined();
      });
    });

    describe("audit", () => {
      test("rows are listed for a change, oldest first, whole", async () => {
        const changeId = newChange().id;
        const rows = [
          auditRow({ changeId, atMs: 1_700_000_000_002, method: "GET", result: "shown" }),
          auditRow({ changeId, atMs: 999, approver: "ann@example.com", result: "wrong-code" }),
          auditRow({ changeId, atMs: 1_700_000_000_001 }),
        ];
        for (const row of rows) await ledger.audit(row);
        await ledger.audit(auditRow({ changeId: `${changeId}-2` }));
        const listed = await ledger.listAudit(changeId);
        expect(listed).toStrictEqual([rows[1], rows[2], rows[0]]);
        expect(listed.map((row) => AuditRow.parse(row))).toStrictEqual(listed);
        expect(await ledger.listAudit("nowhere")).toStrictEqual([]);
      });

      test("several rows of one millisecond are all kept", async () => {
        const changeId = newChange().id;
        await Promise.all(Array.from({ length: 5 }, () => ledger.audit(auditRow({ changeId }))));
        expect(await ledger.listAudit(changeId)).toHaveLength(5);
      });

      test("requests with links that nobody was given are kept under `unknown`", async () => {
        const row: AuditRow = { atMs: 1, method: "GET", result: "unknown-link" };
        await ledger.audit(row);
        expect(await ledger.listAudit("unknown")).toStrictEqual([row]);
      });
    });

    test("is not paused until somebody says so", async () => {
      expect(await ledger.isPaused()).toBe(false);
      await ledger.setPaused(true);
      await ledger.setPaused(true);
      expect(await ledger.isPaused()).toBe(true);
      await ledger.setPaused(false);
      expect(await ledger.isPaused()).toBe(false);
    });
  });
}
