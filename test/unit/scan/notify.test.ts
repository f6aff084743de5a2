import { describe, expect, test } from "@jest/globals";
import { createMemoryChangeLedger } from "../../../aws/memory-change-ledger.ts";
import { ConfigError, OutcomeUnknownError, TransientError } from "../../../core/errors.ts";
import type { FindingState } from "../../../core/model/finding.ts";
import type { Digest } from "../../../core/scan/digest.ts";
import { notify } from "../../../core/scan/notify.ts";
import { finding } from "../../support/findings.ts";
import { closedChange } from "../../support/remediation-fakes.ts";
import { createFakePorts, queueArn, SCAN, type World } from "../../support/scan-fakes.ts";

const digest: Digest = {
  subject: "Doubletake: 1 new finding",
  text: "text",
  json: { kind: "doubletake.digest" },
  told: [
    { id: "finding-a", status: "open" },
    { id: "finding-b", status: "resolved" },
  ],
  toldUndone: ["change-orders"],
  toldUnreached: ["ann@example.com the digest has not confirmed the subscription"],
};

const state = (name: string, status: FindingState["status"]): FindingState => ({
  id: `finding-${name}`,
  queueArn: queueArn(name),
  status,
  firstSeenScanId: "earlier",
  lastSeenScanId: SCAN.scanId,
  lastSeenMs: SCAN.window.endMs,
  strongestEvidence: "proven" as const,
  finding: finding(name),
});

async function prepare(world: World = {}, withDigest = true) {
  const ports = createFakePorts(world);
  if (withDigest) await ports.ledger.putDocument(SCAN.scanId, "digest", digest);
  await ports.ledger.putFindingStates([state("a", "open"), state("b", "resolved"), state("c", "open")]);
  const told = async () =>
    (await ports.ledger.listFindingStates())
      .filter((one) => one.notifiedScanId === SCAN.scanId)
      .map((one) => one.id)
      .sort();
  return { ports, told };
}

describe("notify", () => {
  test("sends the digest and marks what it told of", async () => {
    const { ports, told } = await prepare();
    expect(await notify(ports, SCAN)).toEqual({ sent: true });
    expect(ports.published).toEqual([{ subject: digest.subject, text: digest.text, json: digest.json }]);
    expect(await told()).toEqual(["finding-a", "finding-b"]);
  });

  test("sends nothing when there is no digest", async () => {
    const { ports } = await prepare({}, false);
    expect(await notify(ports, SCAN)).toEqual({ sent: false });
    expect(ports.published).toEqual([]);
  });

  test("a repeat sends no second message (I6)", async () => {
    const { ports } = await prepare();
    await notify(ports, SCAN);
    expect(await notify(ports, SCAN)).toEqual({ sent: true });
    expect(ports.published).toHaveLength(1);
  });

  test("a repeat after the message was sent still marks what it told of (I6)", async () => {
    const { ports, told } = await prepare();
    await ports.ledger.claimNotification(SCAN.scanId);
    await ports.ledger.markNotified(SCAN.scanId);
    expect(await notify(ports, SCAN)).toEqual({ sent: true });
    expect(ports.published).toEqual([]);
    expect(await told()).toEqual(["finding-a", "finding-b"]);
  });

  test("what an earlier try may have sent is not sent again; its findings wait for the next digest (I6)", async () => {
    const { ports, told } = await prepare();
    await ports.ledger.claimNotification(SCAN.scanId);
    expect(await notify(ports, SCAN)).toEqual({ sent: false });
    expect(ports.published).toEqual([]);
    expect(await told()).toEqual([]);
  });

  test("a finding whose status changed since is left for its own digest", async () => {
    const { ports, told } = await prepare();
    await ports.ledger.putFindingStates([state("a", "resolved")]);
    await notify(ports, SCAN);
    expect(await told()).toEqual(["finding-b"]);
  });

  test.each([new TransientError("throttled"), new ConfigError("the topic does not exist")])(
    "what was certainly not sent may be tried again: $name",
    async (publishError) => {
      const { ports, told } = await prepare({ publishError });
      const failed = notify(ports, SCAN);
      await expect(failed).rejects.toMatchObject({ name: "TransientError", cause: publishError });
      expect(await told()).toEqual([]);
      expect(await ports.ledger.claimNotification(SCAN.scanId)).toBe("claimed");
    },
  );

  test.each([new OutcomeUnknownError("it may have been sent"), new Error("socket hang up")])(
    "what may have been sent is not tried again: $name",
    async (publishError) => {
      const { ports } = await prepare({ publishError });
      await expect(notify(ports, SCAN)).rejects.toBe(publishError);
      expect(await ports.ledger.claimNotification(SCAN.scanId)).toBe("unfinished");
    },
  );

  describe("what a deployed system tells beside the findings", () => {
    async function watching() {
      const { ports } = await prepare();
      const changes = createMemoryChangeLedger();
      await changes.open(closedChange("better"));
      return { ports: { ...ports, changes }, changes };
    }
    const toldUnreached = ({ ports }: Awaited<ReturnType<typeof watching>>) =>
      ports.ledger.getDocument("audience", "told");

    test("changes that were undone, and addresses that are not reached, are marked as told", async () => {
      const world = await watching();
      await notify(world.ports, SCAN);
      expect(await world.changes.get("change-orders")).toMatchObject({ undoneToldScanId: SCAN.scanId });
      expect(await toldUnreached(world)).toEqual({ keys: digest.toldUnreached });
    });

    test("a repeat marks nothing twice (I6)", async () => {
      const world = await watching();
      await notify(world.ports, SCAN);
      const marked = await world.changes.get("change-orders");
      await notify(world.ports, SCAN);
      expect(await world.changes.get("change-orders")).toEqual(marked);
    });

    test("nothing is marked while nobody knows whether it was sent", async () => {
      const world = await watching();
      await world.ports.ledger.claimNotification(SCAN.scanId);
      await notify(world.ports, SCAN);
      expect(await world.changes.get("change-orders")).not.toHaveProperty("undoneToldScanId");
      expect(await toldUnreached(world)).toBeUndefined();
    });

    test("where no change is ever made there is none to mark", async () => {
      const { ports } = await prepare();
      expect(await notify(ports, SCAN)).toEqual({ sent: true });
    });

    test("a digest of an earlier version tells of none of these", async () => {
      const world = await watching();
      const { toldUndone: _, toldUnreached: __, ...older } = digest;
      await world.ports.ledger.putDocument(SCAN.scanId, "digest", older);
      await notify(world.ports, SCAN);
      expect(await toldUnreached(world)).toEqual({ keys: [] });
    });
  });
});
