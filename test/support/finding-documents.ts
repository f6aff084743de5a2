// Fixed finding documents for the report and CLI tests.
import type { Finding, FindingDocument, PathVerdict } from "../../core/model/finding.ts";

const ACCOUNT = "123456789012";

export const queueArn = (name: string) => `arn:aws:sqs:eu-central-1:${ACCOUNT}:${name}`;
export const functionArn = (name: string) => `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:${name}`;

export function finding(overrides: Partial<Finding> = {}): Finding {
  return {
    id: "a1b2c3d4e5f6",
    queueArn: queueArn("orders-created"),
    functionArns: [functionArn("fulfil-order")],
    cause: "visibility-expired",
    evidence: "proven",
    severity: "critical",
    counts: { messages: 12, deliveries: 26, duplicateSharePercent: 3.14 },
    metrics: {
      sent: 382,
      received: 396,
      deleted: 396,
      backlogChange: 0,
      invocations: 396,
      errors: 0,
      throttles: 0,
      receivesPerMessage: 1.04,
      invocationRatio: 1.04,
      maxReceiveCount: 3,
    },
    examples: [
      {
        messageId: "059f36b4-87a3-44ab-83d2-661975830a7d",
        deliveries: [
          {
            requestId: "11111111-aaaa-4bbb-8ccc-000000000001",
            functionArn: functionArn("fulfil-order"),
            startedAt: "2026-11-23T17:00:00.000Z",
            endedAt: "2026-11-23T17:00:45.000Z",
            outcome: "success",
            receiveCount: 1,
          },
          {
            requestId: "22222222-aaaa-4bbb-8ccc-000000000002",
            functionArn: functionArn("fulfil-order"),
            startedAt: "2026-11-23T17:00:30.000Z",
            endedAt: "2026-11-23T17:01:15.000Z",
            outcome: "success",
            receiveCount: 2,
          },
        ],
      },
    ],
    facts: ["Invocations ran up to 45 s.", "The visibility timeout is 30 s."],
    explanation:
      "12 messages were handed to a second invocation while the first was still running, because the queue makes a message visible again after 30 s and the function needs up to 45 s.",
    advice: [
      {
        kind: "raise-visibility-timeout",
        summary: "Raise the visibility timeout of orders-created from 30 s to 360 s.",
        patch: { cloudformation: "OrdersQueue:\n  Properties:\n    VisibilityTimeout: 360" },
      },
      { kind: "idempotency", summary: "Make the function idempotent: delivery stays at-least-once." },
    ],
    plan: {
      queueArn: queueArn("orders-created"),
      queueUrl: `https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/orders-created`,
      from: 30,
      to: 360,
      policy: "aws",
      tradeOffs: {
        duplicateSharePercent: { before: 3.1, after: 0 },
        retryDelaySeconds: { before: 30, after: 360 },
        timeToDeadLetterSeconds: { before: 150, after: 1800 },
        messageRetentionSeconds: 345_600,
        outlivesRetention: false,
        fifoGroupBlockedSeconds: null,
      },
      hash: "0".repeat(64),
    },
    owner: { stackName: "orders-prod", logicalId: "OrdersQueue" },
    ...overrides,
  };
}

/** A finding without proof: nothing was counted, nothing is proposed. */
export function advisory(name: string): Finding {
  const { plan: _plan, owner: _owner, ...rest } = finding();
  return {
    ...rest,
    id: `advisory-${name}`,
    queueArn: queueArn(name),
    evidence: "advisory",
    severity: "low",
    counts: { messages: null, deliveries: null, duplicateSharePercent: null },
    examples: [],
    facts: ["No run can outlast it."],
    explanation: `The visibility timeout of ${name} is below six times the function's timeout.`,
    advice: [{ kind: "raise-visibility-timeout", summary: "AWS recommends 180 s; the queue has 60 s." }],
  };
}

export function path(name: string, verdict: PathVerdict["verdict"], note?: string): PathVerdict {
  return {
    queueArn: queueArn(name),
    functionArns: [functionArn(`handle-${name}`)],
    verdict,
    ...(note === undefined ? {} : { note }),
  };
}

export function findingDocument(overrides: Partial<FindingDocument> = {}): FindingDocument {
  return {
    schemaVersion: 1,
    scan: {
      id: "scan-20261123T174000Z",
      account: ACCOUNT,
      region: "eu-central-1",
      window: { start: "2026-11-23T14:20:00.000Z", end: "2026-11-23T17:20:00.000Z" },
      durationMs: 4210,
      apiCalls: { "sqs:GetQueueAttributes": 4, "logs:StartQuery": 2 },
      estimatedCostUsd: 0.0042,
      logBytesScanned: 12_300_000,
      excludedQueues: 0,
      sampledQueues: [],
      unreadable: [{ resource: queueArn("secret-queue"), reason: "sqs:GetQueueAttributes is not allowed" }],
    },
    paths: [
      path("audit", "healthy"),
      path("mail", "at-risk"),
      { ...path("orders-created", "duplicating"), functionArns: [functionArn("fulfil-order")] },
      path("secret-queue", "unknown", "the queue could not be read"),
    ],
    findings: [advisory("mail"), finding()],
    ...overrides,
  };
}
