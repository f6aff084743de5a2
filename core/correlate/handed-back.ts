// A function with ReportBatchItemFailures succeeds although a record failed. A record of it that another function got
// next was either handed back as not its own, or simply failed; only what the function does with most records tells.
import { failed, type SeenDeliveries } from "./deliveries.ts";

/** Failing this large a share of records, batch after batch, is no accident. */
const USUAL_SHARE = 0.5;

/** The functions (ARNs) most of whose records came again although the invocation had not failed. */
export function functionsThatHandBack({ histories }: SeenDeliveries): Set<string> {
  const counts = new Map<string, { given: number; cameAgain: number }>();
  for (const history of histories.values()) {
    for (const [index, delivery] of history.entries()) {
      if (failed(delivery)) continue;
      const { functionArn } = delivery.invocation;
      const { given, cameAgain } = counts.get(functionArn) ?? { given: 0, cameAgain: 0 };
      const again = index < history.length - 1 ? 1 : 0;
      counts.set(functionArn, { given: given + 1, cameAgain: cameAgain + again });
    }
  }
  const usual = [...counts].filter(([, { given, cameAgain }]) => cameAgain >= USUAL_SHARE * given);
  return new Set(usual.map(([functionArn]) => functionArn));
}
