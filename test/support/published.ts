// What the functions really write of a scan, so that alarms and dashboard can be held against it.
import type { Context } from "aws-lambda";
import { TransientError } from "../../core/errors.ts";
import { createHandler as proposeChanges } from "../../functions/propose-changes/handler.ts";
import { powertools } from "../../functions/shared/powertools.ts";
import { createHandler as summarise } from "../../functions/summarise/handler.ts";
import { finding, verdict } from "./findings.ts";
import { createRemediationFakes, putScan, queuesLike, remediationSettings } from "./remediation-fakes.ts";
import { SCAN } from "./scan-fakes.ts";
import { type WrittenLine, writtenLines } from "./written-lines.ts";

const context = { functionName: "step", awsRequestId: "request-1", memoryLimitInMB: "512" } as Context;

async function scanned() {
  const fakes = createRemediationFakes({ queues: queuesLike("orders") });
  await putScan(fakes, { orders: {} });
  const put = (key: string, value: unknown) => fakes.ports.ledger.putDocument(SCAN.scanId, key, value);
  await put("claim", { startedAtMs: fakes.ports.nowMs() - 12_000 });
  const diagnosis = { paths: [], findings: [], unreadable: [], logBytesScanned: 600 };
  await put("diagnosis/async-0001", diagnosis);
  await put("diagnosis/0001", { ...diagnosis, paths: [verdict("orders")], findings: [finding("orders")] });
  return fakes.ports;
}

const calls = { take: () => ({ "sqs:GetQueueUrl": 1 }) };

/** The lines of a Summarise with one finding. */
export const summariseLines = (): Promise<WrittenLine[]> =>
  writtenLines(async () => {
    const ports = { ...(await scanned()), calls };
    await summarise(ports, { deployed: true }, powertools("Summarise"))(SCAN, context);
  });

/** The lines of a ProposeChanges that proposes one change. */
export const proposeChangesLines = (): Promise<WrittenLine[]> =>
  writtenLines(async () => {
    await proposeChanges(remediationSettings(), await scanned(), powertools("ProposeChanges"))(SCAN, context);
  });

/** The lines of a step that fails on purpose, and of one with a bug. */
export const failureLines = (): Promise<WrittenLine[]> =>
  writtenLines(async () => {
    for (const error of [new TransientError("throttled"), new Error("a bug")]) {
      const ledger = { getDocument: () => Promise.reject(error) };
      const ports = { ...(await scanned()), calls } as Parameters<typeof summarise>[0];
      const failing = { ...ports, ledger: { ...ports.ledger, ...ledger } };
      await summarise(failing, { deployed: true }, powertools("Summarise"))(SCAN, context).catch(() => {});
    }
  });
