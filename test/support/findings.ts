// Findings made by hand, for the steps that follow them from scan to scan.
import type { Finding, PathVerdict } from "../../core/model/finding.ts";
import { functionArn, queueArn } from "./scan-fakes.ts";

export function finding(name: string, more: Partial<Finding> = {}): Finding {
  return {
    id: `finding-${name}`,
    queueArn: queueArn(name),
    functionArns: [functionArn(`${name}-worker`)],
    cause: "visibility-expired",
    evidence: "proven",
    severity: "high",
    counts: { messages: 12, deliveries: 26, duplicateSharePercent: 3.14 },
    metrics: {
      sent: 100,
      received: 112,
      deleted: 112,
      backlogChange: 0,
      invocations: 112,
      errors: 0,
      throttles: 0,
      receivesPerMessage: 1.12,
      invocationRatio: 1.12,
      maxReceiveCount: 2,
    },
    examples: [],
    facts: [`The function of ${name} ran for 45 s.`],
    explanation: `The function of ${name} runs longer than its queue waits.`,
    advice: [{ kind: "raise-visibility-timeout", summary: "Raise the visibility timeout to 60 s." }],
    ...more,
  };
}

export function verdict(name: string, more: Partial<PathVerdict> = {}): PathVerdict {
  return {
    queueArn: queueArn(name),
    functionArns: [functionArn(`${name}-worker`)],
    verdict: "healthy",
    incomplete: false,
    logsRead: true,
    ...more,
  };
}
