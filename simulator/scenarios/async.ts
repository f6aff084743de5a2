// Functions that SNS, S3 and EventBridge invoke directly.
import type { AsyncScenario } from "./async-spec.ts";

const retried: AsyncScenario = {
  name: "async-source-retry",
  description: "SNS invokes a function directly; some events fail, and Lambda runs them again.",
  causes: ["async-retry"],
  function: {
    timeoutSeconds: 15,
    work: { medianMs: 600 },
    shape: "powertools",
    sources: [{ kind: "sns", perSecond: 0.08, errorShare: 0.1 }],
  },
};

const handedTwice: AsyncScenario = {
  name: "async-source-twice",
  description:
    "EventBridge invokes a function directly and hands some events over twice; some run again after a success.",
  causes: ["at-least-once"],
  function: {
    timeoutSeconds: 20,
    work: { medianMs: 800 },
    shape: "node-inspect",
    sources: [{ kind: "eventbridge", perSecond: 0.12, handedTwiceShare: 0.012, runAgainShare: 0.006 }],
    maximumRetryAttempts: 1,
  },
};

const quiet: AsyncScenario = {
  name: "async-source-quiet",
  description:
    "S3 invokes a function directly, and so do callers: 1.5 invocations an event, all of them right.",
  causes: [],
  function: {
    timeoutSeconds: 30,
    work: { medianMs: 1_200 },
    shape: "python-print",
    sources: [{ kind: "s3", perSecond: 0.08 }],
    callsPerSecond: 0.04,
  },
};

export const asyncScenarios: readonly AsyncScenario[] = [retried, handedTwice, quiet];
