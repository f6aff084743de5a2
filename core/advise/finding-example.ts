import type { RedeliveryExample } from "../model/delivery.ts";
import type { Finding } from "../model/finding.ts";

/** Message ids of single deliveries are repeated only where they differ from the example's key. */
export const exampleOf = ({ key, deliveries }: RedeliveryExample): Finding["examples"][number] => ({
  messageId: key,
  deliveries: deliveries.map(({ messageId, invocation, receiveCount }) => ({
    requestId: invocation.requestId,
    functionArn: invocation.functionArn,
    startedAt: isoTime(invocation.startedAtMs),
    endedAt: isoTime(invocation.endedAtMs),
    outcome: invocation.outcome,
    receiveCount,
    ...(invocation.timesFromLines === true ? { timesFromLines: true } : {}),
    ...(messageId === key ? {} : { messageId }),
  })),
});

const isoTime = (timeMs: number | null): string | null =>
  timeMs === null ? null : new Date(timeMs).toISOString();
