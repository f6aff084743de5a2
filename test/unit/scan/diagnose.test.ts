import { describe, expect, test } from "@jest/globals";
import type { PathDeliveries } from "../../../core/model/delivery.ts";
import { BatchDiagnosis } from "../../../core/model/finding.ts";
import { diagnose } from "../../../core/scan/diagnose.ts";
import type { Candidate, Queries } from "../../../core/scan/documents.ts";
import { notRead } from "../../../core/scan/start-queries.ts";
import { measurement } from "../../support/measurements.ts";
import {
  BATCH,
  createFakePorts,
  deliveryPath,
  functionArn,
  queueArn,
  SCAN,
  SETTINGS,
} from "../../support/scan-fakes.ts";

const candidate = (index: number, kind: Candidate["kind"]): Candidate => ({
  index,
  arn: queueArn("a"),
  kind,
  logBytes: 1,
});

/** One message of path `name`, begun twice, the second time while the first still ran. */
function overlap(name: string): PathDeliveries {
  const delivery = (requestId: string, startedAtMs: number) => ({
    messageId: "059f36b4-87a3-44ab-83d2-661975830a7d",
    receiveCount: 1,
    invocation: {
      requestId,
      functionArn: functionArn(`${name}-worker`),
      startedAtMs,
      endedAtMs: startedAtMs + 90_000,
      outcome: "success" as const,
    },
  });
  return {
    queueArn: queueArn(name),
    coverage: {
      logged: "ids",
      invocations: 2,
      messages: 1,
      deliveries: 2,
      maxReceiveCount: null,
      bytesScanned: 700,
      truncated: false,
    },
    causes: [{ cause: "visibility-expired", messages: 1, redeliveries: 1, duplicates: 1 }],
    examples: [
      {
        key: "059f36b4-87a3-44ab-83d2-661975830a7d",
        cause: "visibility-expired",
        deliveries: [delivery("r1", SCAN.window.startMs), delivery("r2", SCAN.window.startMs + 60_000)],
      },
    ],
    unreadable: [],
  };
}

interface Given {
  readonly names: readonly string[];
  readonly candidates?: readonly Candidate[];
  readonly queries?: Queries;
  readonly deliveries?: Readonly<Record<number, PathDeliveries>>;
  readonly measurements?: Parameters<typeof measurement>[1];
  readonly unreadable?: { readonly resource: string; readonly reason: string }[];
}

async function run(given: Given) {
  const ports = createFakePorts();
  const put = (key: string, value: unknown) => ports.ledger.putDocument(SCAN.scanId, key, value);
  const { unreadable = [] } = given;
  await put(
    "batch/0001",
    given.names.map((name) => deliveryPath(name, { unreadable })),
  );
  await put(
    "measurement/0001",
    given.names.map((name) => measurement(name, given.measurements)),
  );
  await put("candidates/0001", given.candidates ?? []);
  if (given.queries !== undefined) await put("queries/0001", given.queries);
  for (const [index, deliveries] of Object.entries(given.deliveries ?? {})) {
    await put(`deliveries/0001/${index}`, deliveries);
  }
  const output = await diagnose(ports, SETTINGS, BATCH);
  const diagnosis = BatchDiagnosis.parse(await ports.ledger.getDocument(SCAN.scanId, "diagnosis/0001"));
  return { output, diagnosis };
}

describe("diagnose", () => {
  test("gives each path its verdict, and the proven cause its finding", async () => {
    const { output, diagnosis } = await run({
      names: ["a", "b"],
      candidates: [candidate(0, "suspect")],
      queries: { startedAtMs: 0, started: [], leftOut: [] },
      deliveries: { 0: overlap("a") },
    });
    expect(diagnosis.paths).toMatchObject([
      { queueArn: queueArn("a"), verdict: "duplicating", incomplete: false, logsRead: true },
      { queueArn: queueArn("b"), verdict: "healthy", incomplete: false, logsRead: false },
    ]);
    expect(diagnosis.findings).toContainEqual(
      expect.objectContaining({ cause: "visibility-expired", evidence: "proven", queueArn: queueArn("a") }),
    );
    expect(output).toEqual({ findings: diagnosis.findings.length });
    expect(diagnosis.logBytesScanned).toBe(700);
    expect(diagnosis.unreadable).toEqual([]);
  });

  test("a routine look that was left out is a note, and nothing unreadable", async () => {
    const reason = "logs not read: over the byte budget of 5 GB";
    const { diagnosis } = await run({
      names: ["a"],
      candidates: [candidate(0, "routine")],
      queries: { startedAtMs: 0, started: [], leftOut: [{ index: 0, reason }] },
    });
    expect(diagnosis.paths).toMatchObject([{ verdict: "healthy", incomplete: false, logsRead: false }]);
    expect(diagnosis.paths[0]?.note).toBeDefined();
    expect(diagnosis.unreadable).toEqual([]);
  });

  test("a suspect over the budget is incomplete, and listed (I8)", async () => {
    const reason = "logs not read: over the byte budget of 5 GB";
    const { diagnosis } = await run({
      names: ["a"],
      candidates: [candidate(0, "suspect")],
      queries: { startedAtMs: 0, started: [], leftOut: [{ index: 0, reason }] },
      deliveries: { 0: notRead(queueArn("a"), reason) },
    });
    expect(diagnosis.paths).toMatchObject([{ incomplete: true, logsRead: false }]);
    expect(diagnosis.unreadable).toEqual([{ resource: queueArn("a"), reason }]);
  });

  test.each([
    { name: "before it started any query", queries: {} },
    { name: "after it had", queries: { queries: { startedAtMs: 0, started: [], leftOut: [] } } },
  ])("when reading the logs failed $name, the path says so", async ({ queries }) => {
    const { diagnosis } = await run({ names: ["a"], candidates: [candidate(0, "suspect")], ...queries });
    expect(diagnosis.paths).toMatchObject([{ incomplete: true, logsRead: false }]);
    expect(diagnosis.unreadable).toEqual([
      { resource: queueArn("a"), reason: "logs not read: the step that reads them failed" },
    ]);
  });

  test("lists what discovery, metrics and logs could not read, each once", async () => {
    const [denied, missing] = [
      { resource: "fn", reason: "denied" },
      { resource: "metric", reason: "missing" },
    ];
    const { diagnosis } = await run({
      names: ["a"],
      unreadable: [denied],
      measurements: { unreadable: [missing, denied] },
      deliveries: { 0: { ...overlap("a"), unreadable: [denied] } },
    });
    expect(diagnosis.unreadable).toEqual([denied, missing]);
    expect(diagnosis.paths).toMatchObject([{ incomplete: true, logsRead: true }]);
  });

  test("refuses a batch that was not measured in full", async () => {
    const ports = createFakePorts();
    await ports.ledger.putDocument(SCAN.scanId, "batch/0001", [deliveryPath("a")]);
    await ports.ledger.putDocument(SCAN.scanId, "measurement/0001", []);
    await ports.ledger.putDocument(SCAN.scanId, "candidates/0001", []);
    await expect(diagnose(ports, SETTINGS, BATCH)).rejects.toThrow(
      `expected a measurement of ${queueArn("a")}, got none`,
    );
  });

  test("proposes nothing for a path that could not be read in full (I8)", async () => {
    const { diagnosis } = await run({
      names: ["a"],
      unreadable: [{ resource: "fn", reason: "denied" }],
      deliveries: { 0: overlap("a") },
    });
    expect(diagnosis.findings.length).toBeGreaterThan(0);
    expect(diagnosis.findings.filter((one) => one.plan !== undefined)).toEqual([]);
  });
});
