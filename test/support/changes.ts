// Changes made by hand, as a scan proposes them: an ordinary one, changed where it matters. The plan's hash is the
// real one of its inputs.
import { hashOf } from "../../core/advise/canonical-json.ts";
import type { ApprovalLink, AuditRow, Change, EffectFigures } from "../../core/model/change.ts";
import type { Plan, PlanInputs } from "../../core/model/plan.ts";
import { finding } from "./findings.ts";
import { ACCOUNT, functionArn, queueArn, REGION, SCAN, WINDOW } from "./scan-fakes.ts";

export function planInputs(name: string, more: Partial<PlanInputs> = {}): PlanInputs {
  return {
    queueArn: queueArn(name),
    from: 30,
    to: 60,
    policy: "aws",
    fifo: false,
    redrive: { deadLetterTargetArn: queueArn(`${name}-dlq`), maxReceiveCount: 5 },
    messageRetentionSeconds: 345_600,
    consumers: [
      {
        uuid: `${name}-${name}-worker`,
        state: "Enabled",
        functionArn: functionArn(`${name}-worker`),
        batchSize: 10,
        maximumBatchingWindowSeconds: 0,
        functionTimeoutSeconds: 10,
      },
    ],
    ...more,
  };
}

export function plan(inputs: PlanInputs, more: Partial<Plan> = {}): Plan {
  const { from, to, redrive, messageRetentionSeconds } = inputs;
  const receives = redrive?.maxReceiveCount;
  return {
    queueArn: inputs.queueArn,
    queueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${inputs.queueArn.split(":").at(-1)}`,
    from,
    to,
    policy: inputs.policy,
    tradeOffs: {
      duplicateSharePercent: { before: 3.14, after: 0 },
      retryDelaySeconds: { before: from, after: to },
      timeToDeadLetterSeconds:
        receives === undefined
          ? { before: null, after: null }
          : { before: receives * from, after: receives * to },
      messageRetentionSeconds,
      outlivesRetention: false,
      fifoGroupBlockedSeconds: inputs.fifo ? { before: from, after: to } : null,
    },
    hash: hashOf(inputs),
    ...more,
  };
}

export function effectFigures(more: Partial<EffectFigures> = {}): EffectFigures {
  return {
    window: WINDOW,
    basis: "logs",
    messages: 382,
    duplicates: 12,
    oldestMessageAgeSeconds: 40,
    deadLettered: 0,
    longestRetryDelaySeconds: null,
    ...more,
  };
}

/** For another queue than `orders` name it: the rest follows. */
export function change(more: Partial<Change> = {}): Change {
  const { queueName = "orders" } = more;
  const inputs = more.inputs ?? planInputs(queueName);
  const proposed = more.plan ?? plan(inputs);
  const found = more.finding ?? finding(queueName, { plan: proposed });
  return {
    id: `change-${queueName}`,
    version: 1,
    queueArn: queueArn(queueName),
    queueName,
    findingId: found.id,
    scanId: SCAN.scanId,
    mode: "approve",
    status: "proposed",
    plan: proposed,
    inputs,
    finding: found,
    before: effectFigures(),
    bounds: { oldestMessageAgeSeconds: 160, retryDelaySeconds: 120, deadLetteredPerThousand: 5 },
    createdMs: WINDOW.endMs,
    decisions: [],
    ...more,
  };
}

export function approvalLink(more: Partial<ApprovalLink> = {}): ApprovalLink {
  return {
    idHash: "a".repeat(64),
    changeId: "change-orders",
    approver: "ann@example.com",
    planHash: hashOf(planInputs("orders")),
    expiresMs: WINDOW.endMs + 72 * 3_600_000,
    codeHash: "c".repeat(64),
    tries: 0,
    ...more,
  };
}

export function auditRow(more: Partial<AuditRow> = {}): AuditRow {
  return { atMs: WINDOW.endMs, changeId: "change-orders", method: "POST", result: "approved", ...more };
}
