// What Discover asks of functions one by one is kept for a day: of such questions Lambda answers fifteen a second, and
// the listing of functions shows no alias, no version and nothing about asynchronous events.
import * as z from "zod";
import { canonicalJson } from "../advise/canonical-json.ts";
import { ContractError } from "../errors.ts";
import { AsyncInvokeSettings } from "../model/async-path.ts";
import { ConsumerFunction } from "../model/delivery-path.ts";
import type { AsyncEventsPort, Ledger, ListedFunctions, MappingsPort } from "../ports.ts";
import { readDocument } from "./documents.ts";
import type { ScanPorts } from "./scan-ports.ts";

/** Of no scan, so that the next one finds it. Of two scans at once the later write stays, which only costs questions. */
const KEPT = { scanId: "kept-answers", key: "functions" } as const;

/** Answers by the ARN that was asked about, each with the revision that its function had before. */
const entriesOf = <Value extends z.ZodType>(value: Value) =>
  z.record(z.string(), z.object({ revision: z.string(), value }));

const KeptAnswers = z.object({
  functions: entriesOf(ConsumerFunction),
  events: entriesOf(AsyncInvokeSettings),
});
type KeptAnswers = z.infer<typeof KeptAnswers>;

/** Answers about functions. */
export interface Answers {
  readonly describeFunction: MappingsPort["describeFunction"];
  readonly describeEvents: AsyncEventsPort["describe"];
  /** Leaves for the next scan what was answered in this one, and nothing else. */
  readonly keep: () => Promise<void>;
}

/** Nothing is kept, everything is asked. */
export function freshAnswers(
  { asyncEvents }: Pick<ScanPorts, "asyncEvents">,
  functions: ListedFunctions,
): Answers {
  return {
    describeFunction: functions.describeFunction,
    describeEvents: asyncEvents.describe,
    keep: async () => {},
  };
}

/**
 * Asks only about functions that changed since, that no listing shows, or of which nothing is kept; never is a failure.
 * What Lambda tells of no function's revision is noticed within a day: an alias that is moved back to an older version,
 * a permission, or the treatment of events that failed. Decisions read the function themselves.
 * @param isDue true of an ARN that is asked about in any case; to be so once a day.
 */
export async function keptAnswers(
  { asyncEvents, ledger }: Pick<ScanPorts, "asyncEvents" | "ledger">,
  functions: ListedFunctions,
  isDue: (arn: string) => boolean,
): Promise<Answers> {
  const before = await readKept(ledger);
  const { revisionOf } = functions;
  const shelves = {
    functions: shelf(before.functions, revisionOf, isDue),
    events: shelf(before.events, revisionOf, isDue),
  };
  return {
    describeFunction: (arn) =>
      hasConfigurationOfItsOwn(arn)
        ? shelves.functions.answer(arn, functions.describeFunction)
        : functions.describeFunction(arn),
    describeEvents: (arn) => shelves.events.answer(arn, asyncEvents.describe),
    keep: async () => {
      const after = { functions: shelves.functions.entries(), events: shelves.events.entries() };
      if (canonicalJson(after) === canonicalJson(before)) return;
      await ledger.putDocument(KEPT.scanId, KEPT.key, after satisfies KeptAnswers);
    },
  };
}

/** Another shape is as good as none: an older version wrote it. */
async function readKept(ledger: Ledger): Promise<KeptAnswers> {
  const nothing = { functions: {}, events: {} };
  try {
    return (await readDocument(ledger, KEPT.scanId, KEPT.key, KeptAnswers)) ?? nothing;
  } catch (error) {
    if (error instanceof ContractError) return nothing;
    throw error;
  }
}

interface Entry<Value> {
  readonly revision: string;
  readonly value: Value;
}

function shelf<Value extends object>(
  before: Readonly<Record<string, Entry<Value>>>,
  revisionOf: ListedFunctions["revisionOf"],
  isDue: (arn: string) => boolean,
) {
  const after = new Map<string, Entry<Value>>();
  return {
    entries: (): Record<string, Entry<Value>> => Object.fromEntries(after),
    answer: async (arn: string, ask: (arn: string) => Promise<Value>): Promise<Value> => {
      const revision = revisionOf(arn);
      const known = before[arn];
      const isSame = known?.revision === revision;
      if (known !== undefined && isSame && !isDue(arn)) {
        after.set(arn, known);
        return known.value;
      }
      const value = await ask(arn);
      // Of a function that just changed nothing is kept before the next scan: its alias may be about to move.
      const isSettled = known === undefined || isSame;
      if (revision !== undefined && isSettled && isWhole(value)) after.set(arn, { revision, value });
      return value;
    },
  };
}

/** False where details could not be read. */
const isWhole = (value: object): boolean => !("unreadable" in value);

/** True for an alias or a version. */
function hasConfigurationOfItsOwn(functionArn: string): boolean {
  const qualifier = functionArn.split(":")[7];
  return qualifier !== undefined && qualifier !== "$LATEST";
}
