// A finding that fills every part of the approval page: owner, the two deliveries, and what to change in the source.
import type { Finding } from "../../core/model/finding.ts";
import { finding } from "../support/findings.ts";
import { functionArn } from "../support/scan-fakes.ts";

/** @param name of the queue. */
export function provenFinding(name: string): Finding {
  const delivery = { functionArn: functionArn(`${name}-worker`), outcome: "success" as const };
  return finding(name, {
    owner: { stackName: `${name}-stack`, logicalId: "Queue" },
    examples: [
      {
        messageId: "0e2e5b4a-5a0f-4c6e-9d3a-3f1f7a6c2b18",
        deliveries: [
          {
            ...delivery,
            requestId: "6d0a1c52-3a56-4b7e-8f0e-5b6f0c9a7d11",
            startedAt: "2026-11-23T15:00:00.000Z",
            endedAt: "2026-11-23T15:00:45.000Z",
            receiveCount: 1,
          },
          {
            ...delivery,
            requestId: "b94f3e0d-7c1b-4f5a-a2d8-91c3e6f7a022",
            startedAt: "2026-11-23T15:00:30.500Z",
            endedAt: "2026-11-23T15:01:04.000Z",
            receiveCount: 2,
          },
        ],
      },
    ],
    advice: [
      {
        kind: "raise-visibility-timeout",
        summary: "Raise the visibility timeout to 60 s.",
        patch: {
          cloudformation:
            "Queue:\n  Type: AWS::SQS::Queue\n  Properties:\n    VisibilityTimeout: 60 # was 30; six times the timeout of the function that consumes it",
          terraform: 'resource "aws_sqs_queue" "queue" {\n  visibility_timeout_seconds = 60\n}',
        },
      },
    ],
  });
}
