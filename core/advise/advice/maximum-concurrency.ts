import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, functionName, shownConsumer } from "./context.ts";
import { mappingPatch } from "./mapping-patch.ts";

/** Lambda's limits of MaximumConcurrency. */
const LEAST = 2;
const MOST = 1000;
/** A starting point where nothing says how much the function may use. */
const USUAL = 10;

/** For throttled pollers: they then receive only what the function can take. */
export function maximumConcurrency(context: AdviceContext): Advice | undefined {
  const consumer = shownConsumer(context);
  if (consumer === undefined) return undefined;
  const reserved = consumer.function && context.reservedConcurrency?.[consumer.function.arn];
  const concurrency = Math.min(Math.max(reserved ?? USUAL, LEAST), MOST);
  const room =
    reserved === undefined
      ? "below the concurrency that is left for it"
      : reserved < LEAST
        ? `${LEAST}, its least value, and the reserved concurrency of ${reserved} to at least as much`
        : `at most its reserved concurrency of ${reserved}`;
  return {
    kind: "maximum-concurrency",
    summary: `Set MaximumConcurrency on the mapping of ${functionName(consumer)} to ${room}, so that messages wait in the queue instead of being received and thrown back.`,
    patch: mappingPatch(context, consumer, {
      cloudformation: ["ScalingConfig:", `  MaximumConcurrency: ${concurrency}`],
      cdk: [`maxConcurrency: ${concurrency},`],
      terraform: ["scaling_config {", `  maximum_concurrency = ${concurrency}`, "}"],
      serverless: [`maximumConcurrency: ${concurrency}`],
    }),
  };
}
