// Tells what the workflow does by listening at its handlers: the phases of a scan for somebody who waits for the
// result, or every step for somebody who wants to see the machine at work.

import { ProposeChangesOutput } from "../core/model/remediation-workflow.ts";
import {
  CollectOutput,
  DiagnoseOutput,
  DiscoverOutput,
  MeasureOutput,
  NotifyOutput,
  ScanContext,
  StartQueriesOutput,
  SummariseOutput,
} from "../core/model/workflow.ts";
import { formatBytes, plural } from "../report/text/format.ts";
import type { Progress } from "./progress.ts";
import type { LogUse } from "./watch-logs.ts";

export type Handlers = Readonly<Record<string, (event: unknown) => Promise<unknown>>>;

export interface Narrator {
  /** The same handlers, listened to. */
  listen(handlers: Handlers): Handlers;
  /** To be told of the log queries. */
  logsUsed(use: LogUse): void;
}

/** In the order of the workflow; batches run side by side, so a phase never goes back. */
const PHASES = {
  Discover: "finding the delivery paths",
  Measure: "reading metrics",
  StartQueries: "reading logs",
  Summarise: "putting the result together",
} as const;
type Phase = keyof typeof PHASES;

/** A line a phase, and how far it is. */
export function phaseNarrator(progress: Progress): Narrator {
  const order = Object.keys(PHASES);
  let phase = -1;
  let paths = 0;
  let measured = 0;
  let diagnosedBatches = 0;
  let batches = 0;
  let use: LogUse = { running: 0, bytesScanned: 0 };
  const logDetail = () =>
    progress.detail(
      `${plural(use.running, "query", "queries")} running, ${formatBytes(use.bytesScanned)} read, ${diagnosedBatches} of ${plural(batches, "batch", "batches")} done`,
    );
  const results: Readonly<Record<string, (output: unknown) => void>> = {
    Discover: (output) => {
      const discovered = DiscoverOutput.parse(output);
      paths = discovered.paths;
      batches = discovered.batchKeys.length;
    },
    Measure: (output) => {
      measured += MeasureOutput.parse(output).paths;
      progress.detail(`${measured} of ${plural(paths, "delivery path")}`);
    },
    Diagnose: () => {
      diagnosedBatches += 1;
      logDetail();
    },
  };
  return {
    listen: (handlers) =>
      around(handlers, {
        before: (state) => {
          if (!(state in PHASES) || order.indexOf(state) <= phase) return;
          phase = order.indexOf(state);
          progress.step(PHASES[state as Phase]);
        },
        after: (state, output) => results[state]?.(output),
      }),
    logsUsed: (next) => {
      use = next;
      logDetail();
    },
  };
}

const STEP_RESULTS: Readonly<Record<string, (output: unknown) => string>> = {
  ClaimScan: (output) => {
    const { scanId, window } = ScanContext.parse(output);
    const time = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
    return `scan ${scanId} is ours; window ${time(window.startMs)} to ${time(window.endMs).slice(11)} UTC`;
  },
  Discover: (output) => {
    const { paths, batchKeys } = DiscoverOutput.parse(output);
    return `${plural(paths, "delivery path")} in ${plural(batchKeys.length, "batch", "batches")}`;
  },
  Measure: (output) => {
    const { paths, suspects, candidates } = MeasureOutput.parse(output);
    return `${plural(paths, "path")}, ${plural(suspects, "suspect")}, logs of ${candidates} worth reading`;
  },
  StartQueries: (output) => plural(StartQueriesOutput.parse(output).queries, "log query", "log queries"),
  CollectDeliveries: (output) => {
    const { pending, attempt } = CollectOutput.parse(output);
    return pending === 0
      ? "all deliveries collected"
      : `${plural(pending, "path")} still waiting (look ${attempt})`;
  },
  Diagnose: (output) => plural(DiagnoseOutput.parse(output).findings, "finding"),
  Summarise: (output) => {
    const summary = SummariseOutput.parse(output);
    return `${summary.new} new, ${summary.continuing} continuing, ${summary.resolved} resolved`;
  },
  Notify: (output) => (NotifyOutput.parse(output).sent ? "digest sent" : "nothing to tell"),
  ProposeChanges: (output) => {
    const { proposed } = ProposeChangesOutput.parse(output);
    return proposed === 0 ? "nothing proposed" : `${plural(proposed, "change")} proposed`;
  },
};

/** A line a finished step, with its result. */
export function stepNarrator(progress: Progress): Narrator {
  const width = Math.max(...Object.keys(STEP_RESULTS).map((state) => state.length));
  return {
    listen: (handlers) =>
      around(handlers, {
        before: () => {},
        after: (state, output) =>
          progress.step(`${state.padEnd(width)}  ${STEP_RESULTS[state]?.(output) ?? ""}`),
      }),
    logsUsed: () => {},
  };
}

function around(
  handlers: Handlers,
  hooks: { before(state: string): void; after(state: string, output: unknown): void },
): Handlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([state, handler]) => [
      state,
      async (event: unknown) => {
        hooks.before(state);
        const output = await handler(event);
        hooks.after(state, output);
        return output;
      },
    ]),
  );
}
