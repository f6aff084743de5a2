import { describe, expect, test } from "@jest/globals";
import type { Cause } from "../../../core/model/delivery.ts";
import type { Finding, FindingDocument, FindingState } from "../../../core/model/finding.ts";
import { scanFigures } from "../../../core/scan/scan-figures.ts";
import { finding, verdict } from "../../support/findings.ts";
import { queueArn } from "../../support/scan-fakes.ts";
import { fieldsOf } from "../../support/written-lines.ts";

function document(findings: readonly Finding[]): FindingDocument {
  return {
    schemaVersion: 1,
    scan: {
      id: "scan",
      account: "123456789012",
      region: "eu-west-1",
      window: { start: "2026-11-23T14:40:00.000Z", end: "2026-11-23T17:40:00.000Z" },
      durationMs: 12_000,
      apiCalls: { "sqs:GetQueueUrl": 2, "cloudwatch:GetMetricData": 3 },
      estimatedCostUsd: 0.01,
      logBytesScanned: 600,
      excludedQueues: 0,
      sampledQueues: [],
      unreadable: [{ resource: queueArn("c"), reason: "denied" }],
    },
    paths: [verdict("a", { verdict: "duplicating" }), verdict("b")],
    findings: [...findings],
  };
}

function open(name: string, cause: Cause): FindingState {
  return {
    id: `finding-${name}`,
    status: "open",
    firstSeenScanId: "earlier",
    lastSeenScanId: "earlier",
    lastSeenMs: 0,
    strongestEvidence: "proven",
    finding: finding(name, { cause }),
  };
}

const counts = (messages: number | null, duplicateSharePercent: number | null) => ({
  counts: { messages, deliveries: null, duplicateSharePercent },
});

describe("scanFigures", () => {
  test("counts what is open by cause, seen in this scan or not, and names every cause", () => {
    const { openFindings, newFindings, resolvedFindings, findings } = scanFigures(
      document([finding("a")]),
      {
        news: [open("a", "visibility-expired")],
        continuing: [open("b", "visibility-expired"), open("c", "function-error")],
        resolved: [open("d", "throttled")],
      },
      0,
    );
    expect({ openFindings, newFindings, resolvedFindings }).toEqual({
      openFindings: 3,
      newFindings: 1,
      resolvedFindings: 1,
    });
    expect(findings).toEqual({
      visibilityExpired: 2,
      deletedTooLate: 0,
      functionTimeout: 0,
      functionError: 1,
      partialBatchReplay: 0,
      throttled: 0,
      dlqRedrive: 0,
      severalConsumers: 0,
      producerDuplicate: 0,
      asyncRetry: 0,
      atLeastOnce: 0,
      unknown: 0,
    });
  });

  test.each([
    { what: "worked on twice", findings: [counts(12, 3.1)], duplicatedMessages: 12 },
    { what: "on two queues", findings: [counts(12, 3.1), counts(3, 1)], duplicatedMessages: 15 },
    { what: "retried, nothing done twice", findings: [counts(40, 0)], duplicatedMessages: 0 },
    { what: "not known whether twice", findings: [counts(40, null)], duplicatedMessages: 0 },
    { what: "twice, and not counted", findings: [counts(null, 2)], duplicatedMessages: 0 },
  ])("messages $what: $duplicatedMessages", ({ findings, duplicatedMessages }) => {
    const found = findings.map((one, n) => finding(`q${n}`, one));
    const followed = { news: [], continuing: [], resolved: [] };
    expect(scanFigures(document(found), followed, 0)).toMatchObject({ duplicatedMessages });
  });

  test("says what the scan took, and what waits", () => {
    expect(scanFigures(document([]), { news: [], continuing: [], resolved: [] }, 2)).toMatchObject({
      id: "scan",
      windowEnd: "2026-11-23T17:40:00.000Z",
      paths: 2,
      waitingChanges: 2,
      unreadable: 1,
      durationMs: 12_000,
      estimatedCostUsd: 0.01,
      logBytesScanned: 600,
      apiCalls: 5,
    });
  });

  test("names no queue and no function, and only what a log query can name without quotes", () => {
    const figures = scanFigures(
      document([finding("a")]),
      { news: [open("a", "visibility-expired")], continuing: [], resolved: [] },
      0,
    );
    expect(JSON.stringify(figures)).not.toMatch(/arn:|worker/);
    for (const field of fieldsOf(figures)) expect(field).toMatch(/^[A-Za-z]+(\.[A-Za-z]+)*$/);
  });
});
