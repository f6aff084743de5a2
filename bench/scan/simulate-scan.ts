// One scan on the virtual clock: the workflow, handlers and adapters as deployed, over the wire to the simulated account.
import { readFileSync } from "node:fs";
import { createLedger } from "../../aws/ledger.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { QUOTA_SHARE_OF_A_BATCH } from "../../aws/rates.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import { createSharedTurns } from "../../aws/shared-turns.ts";
import { FindingDocument } from "../../core/model/finding.ts";
import type { ScanSettings } from "../../core/model/settings.ts";
import { scanIdOf } from "../../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../../core/scan/documents.ts";
import type { ScanPorts } from "../../core/scan/scan-ports.ts";
import { type ScanState, scanHandlers } from "../../functions/scan-handlers.ts";
import { runWorkflow, type WorkflowStep } from "../../statemachine/interpreter.ts";
import { type BenchAccount, CREDENTIALS, LEDGER_TABLE, REGION } from "./account.ts";
import type { Deployment } from "./functions.ts";
import { type Invocation, lambdaHandlers } from "./lambda.ts";
import { Network, type NetworkUse } from "./network.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** CPU time to load a function: measured from 117 to 146 ms. */
const INIT_MS = 140;

/** Functions whose log calls wait for turns that they share. */
const SHARING: readonly ScanState[] = ["StartQueries", "CollectDeliveries"];

export interface ScanOptions {
  readonly account: BenchAccount;
  readonly deployment: Deployment;
  readonly atMs: number;
  readonly settings: ScanSettings;
  /** Batches at once. */
  readonly mapConcurrency: number;
}

export interface Child {
  readonly startMs: number;
  readonly endMs: number;
}

export interface ScanRun {
  readonly wallMs: number;
  /** Of the Standard workflow, the start of each child included. */
  readonly transitions: number;
  /** Executions of the EXPRESS children. */
  readonly children: readonly Child[];
  readonly invocations: readonly Invocation[];
  readonly network: NetworkUse;
  /** What the scan could not read, or its own error; none = it saw everything. */
  readonly problems: readonly string[];
  readonly paths: number;
  readonly findings: number;
}

export function readDefinition(mapConcurrency?: number): unknown {
  const text = readFileSync(new URL("../../statemachine/scan.asl.json", import.meta.url), "utf8");
  return JSON.parse(text, (key, value: unknown) =>
    key === "MaxConcurrency" && mapConcurrency !== undefined ? mapConcurrency : value,
  );
}

export async function simulateScan(options: ScanOptions): Promise<ScanRun> {
  const { account, atMs, deployment, settings } = options;
  const clock = new VirtualClock();
  const network = new Network(clock, atMs);
  const invocations: Invocation[] = [];
  const handlers = lambdaHandlers({
    clock,
    load: (state) => scanHandlers(portsOf(account, network, atMs, state), settings)[state],
    functions: deployment.functions,
    initMs: INIT_MS,
    onEnd: (invocation) => invocations.push(invocation),
  });
  const steps = new Steps(clock);
  const scheduledTime = new Date(atMs).toISOString();
  let failure: string | undefined;
  await clock.run(() =>
    runWorkflow({
      definition: readDefinition(options.mapConcurrency),
      handlers,
      input: { scheduledTime },
      executionName: `bench-${atMs}`,
      onStep: (step) => steps.note(step),
    }).catch((error: Error) => {
      failure = `the scan failed: ${error.name}: ${error.message}`;
    }),
  );
  const measured = {
    wallMs: clock.now(),
    transitions: steps.transitions(),
    children: steps.children(),
    invocations,
    network: network.use(),
  };
  if (failure !== undefined) {
    return { ...measured, problems: [failure], paths: 0, findings: 0 };
  }
  const scanId = scanIdOf(scheduledTime);
  // On the same clock, after its time was read: the time of this is not the scan's.
  const { ledger } = portsOf(account, network, atMs, "Summarise");
  const document = await clock.run(() =>
    requireDocument(ledger, scanId, documentKey.document, FindingDocument),
  );
  return {
    ...measured,
    problems: document.scan.unreadable.map(({ reason }) => reason),
    paths: document.paths.length,
    findings: document.findings.length,
  };
}

/** Connections of one execution environment, as in the function's index.ts. */
function portsOf(
  { url, topicArn }: BenchAccount,
  network: Network,
  atMs: number,
  state: ScanState,
): ScanPorts {
  const options = { endpointUrl: url, region: REGION, credentials: CREDENTIALS };
  const connection = network.connect({
    ...options,
    ...(SHARING.includes(state) && {
      turn: createSharedTurns(network.connect(options), { tableName: LEDGER_TABLE }),
    }),
    ...(state === "Measure" && { quotaShare: QUOTA_SHARE_OF_A_BATCH }),
  });
  return {
    ...createReadPorts(connection),
    ledger: createLedger(connection, { tableName: LEDGER_TABLE, nowMs: () => atMs }),
    notifier: createNotifier(connection, topicArn),
    nowMs: () => atMs,
  };
}

/** What the state machine did, counted as Step Functions bills it. */
class Steps {
  readonly #clock: VirtualClock;
  readonly #children = new Map<string, Child>();
  #transitions = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  note({ phase, batchKey }: WorkflowStep): void {
    const nowMs = this.#clock.now();
    if (batchKey === undefined) {
      // A retry is a transition too.
      if (phase === "entered" || phase === "retried") this.#transitions += 1;
      return;
    }
    const startMs = this.#children.get(batchKey)?.startMs ?? nowMs;
    this.#children.set(batchKey, { startMs, endMs: nowMs });
  }

  children(): Child[] {
    return [...this.#children.values()];
  }

  /** @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-transitions.html one for each child's start */
  transitions(): number {
    return this.#transitions + this.#children.size;
  }
}
