import { activeConsumers } from "../../detect/consumers.ts";
import type { Advice } from "../../model/finding.ts";
import {
  type AdviceContext,
  functionName,
  isFifo,
  lines,
  pascalCase,
  queueNames,
  wordsOf,
} from "./context.ts";

/** For several functions on one queue: each message goes to whichever polls first, so give each its own queue. */
export function snsFanOut(context: AdviceContext): Advice {
  const names = [...new Set(activeConsumers(context.path).map(functionName))];
  const options = isFifo(context) ? ", { fifo: true }" : "";
  const topic = `${queueNames(context).logicalId.replace(/Queue$/, "")}Topic`;
  return {
    kind: "sns-fan-out",
    summary: `Give each consumer (${names.join(", ")}) a queue of its own and publish to an SNS topic that feeds them all. Functions on one queue compete: a message goes to any of them, and one that hands it back repeats the work of another.`,
    patch: {
      cdk: lines(
        `const topic = new sns.Topic(this, "${topic}"${options});`,
        ...names.flatMap((name) => {
          const id = `${pascalCase(wordsOf(name))}Queue`;
          return [
            `const ${id[0]?.toLowerCase()}${id.slice(1)} = new sqs.Queue(this, "${id}"${options});`,
            `topic.addSubscription(new SqsSubscription(${id[0]?.toLowerCase()}${id.slice(1)}, { rawMessageDelivery: true }));`,
          ];
        }),
      ),
    },
  };
}
