// A function with ReportBatchItemFailures succeeds although a record failed. A record of it that another function got
// next was either handed back as not its own, or simply failed; only what the function does with most records tells.
import { failed, type SeenDeliveries } from "./deliveries.ts";
import { getOrCreate } from "./get-or-create.ts";

/** Failing this large a share of records, batch after batch, is no accident. */
const USUAL_SHARE = 0.5;

const newCount = () => ({ given: 0, cameAgain: 0 });

/** The functions (ARNs) most of whose records came again although the invocation had not failed. */
export function functionsThatHandBack({ histories }: SeenDeliveries): Set<string> {
  const counts = new Map<string, ReturnType<typeof newCount>>();
  for (const history of histories.values()) {
    for (const delivery of history) {
      if (failed(delivery)) continue;
      const count = getOrCreate(counts, delivery.invocation.functionArn, newCount);
      count.given += 1;
      if (delivery !== history.at(-1)) count.cameAgain += 1;
    }
  }
  const usual = [...counts].filter(([, { given, cameAgain }]) => cameAgain >= USUAL_SHARE * given);
  return new Set(usual.map(([functionArn]) => functionArn));
}
