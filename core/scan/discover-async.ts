// Discover, of functions whose events come with no queue between: those that lately got asynchronous events.
import pMap from "p-map";
import { polls } from "../detect/consumers.ts";
import { UnreadableError } from "../errors.ts";
import type { AsyncPath } from "../model/async-path.ts";
import type { EventSourceMapping, Unreadable } from "../model/delivery-path.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { AsyncFunction } from "../ports.ts";
import { unqualifiedFunctionArn } from "./arn.ts";
import { type Described, describe, gapsOf } from "./described.ts";
import type { Answers } from "./kept-answers.ts";
import type { ScanPorts } from "./scan-ports.ts";
import { isSelected } from "./selection.ts";
import { asUnreadable } from "./unreadable.ts";

/** Functions described at a time. */
const CONCURRENCY = 8;

/**
 * Functions looked at in one scan. Of each two or three settings are read, ten or twelve a second, and Discover has
 * less than five minutes for queues and functions together.
 */
export const MAX_FUNCTIONS = 500;

const FUNCTIONS = "functions with asynchronous events";

/** A function whose path is looked at. */
interface Looked extends AsyncFunction {
  readonly arn: string;
}

export interface AsyncFunctions {
  readonly looked: readonly Looked[];
  /** That the functions could not be listed, or not all be looked at. */
  readonly unreadable: readonly Unreadable[];
  /** Functions that the include and exclude patterns left out. */
  readonly excluded: number;
}

/** The functions that lately got asynchronous events; none where the settings leave them out. */
export async function listAsyncFunctions(
  { asyncEvents }: Pick<ScanPorts, "asyncEvents">,
  { asyncSources }: Pick<ScanSettings, "asyncSources">,
): Promise<Described<AsyncFunction[]>> {
  return asyncSources ? describe(FUNCTIONS, () => asyncEvents.listFunctions()) : { value: [] };
}

/**
 * The functions of the account's asynchronous paths. One that a queue feeds too is left out: its asynchronous retries
 * are told of on the queue's path, and its invocations belong to both.
 */
export function selectAsyncFunctions(
  listed: Described<AsyncFunction[]>,
  settings: ScanSettings,
  { accountId, region }: { readonly accountId: string; readonly region: string },
  mappings: readonly EventSourceMapping[],
): AsyncFunctions {
  if ("unreadable" in listed) return { looked: [], unreadable: [listed.unreadable], excluded: 0 };
  const fed = new Set(mappings.filter(polls).map(({ functionArn }) => unqualifiedFunctionArn(functionArn)));
  const withoutQueue = listed.value
    .map((one) => ({ ...one, arn: functionArnOf(mappings, one.functionName, accountId, region) }))
    .filter(({ arn }) => !fed.has(arn));
  const selected = withoutQueue.filter(({ functionName }) => isSelected(functionName, settings));
  const looked = selected.slice(0, MAX_FUNCTIONS);
  return {
    looked,
    unreadable: tooMany(selected.length - looked.length),
    excluded: withoutQueue.length - selected.length,
  };
}

/** Their paths, without those of functions that are gone. */
export async function readAsyncPaths(answers: Answers, looked: readonly Looked[]): Promise<AsyncPath[]> {
  const paths = await pMap(looked, (one) => readPath(answers, one), { concurrency: CONCURRENCY });
  return paths.filter((path) => path !== undefined);
}

function tooMany(left: number): Unreadable[] {
  if (left === 0) return [];
  const reason = `${left} more than the ${MAX_FUNCTIONS} that one scan looks at: leave some out with excludeQueues, or scan the others by name`;
  return [{ resource: FUNCTIONS, reason }];
}

/** A metric names no ARN. The partition is that of the mappings where there are any, otherwise AWS's own for the Region. */
function functionArnOf(
  mappings: readonly EventSourceMapping[],
  functionName: string,
  accountId: string,
  region: string,
): string {
  const partition = mappings[0]?.functionArn.split(":")[1] ?? partitionOf(region);
  return `arn:${partition}:lambda:${region}:${accountId}:function:${functionName}`;
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** @returns undefined for a function that was deleted: its metrics are listed for two weeks more. */
async function readPath(
  answers: Answers,
  { functionName, arn, qualifiers }: Looked,
): Promise<AsyncPath | undefined> {
  const path = { functionArn: arn, functionName, targets: [] };
  try {
    const consumer = await answers.describeFunction(arn);
    const targets = await pMap(qualifiers, (qualifier) => readTarget(answers, arn, qualifier), {
      concurrency: 1,
    });
    return {
      ...path,
      function: consumer,
      targets: targets.flatMap((target) => ("value" in target ? [target.value] : [])),
      unreadable: targets.flatMap(gapsOf),
    };
  } catch (error) {
    if (error instanceof UnreadableError && error.missing) return undefined;
    return { ...path, unreadable: [asUnreadable(error, arn)] };
  }
}

/** @param qualifier alias or version; "" = the function itself. */
function readTarget(
  { describeEvents }: Answers,
  functionArn: string,
  qualifier: string,
): Promise<Described<AsyncPath["targets"][number]>> {
  const target = qualifier === "" ? functionArn : `${functionArn}:${qualifier}`;
  return describe(target, async () => ({
    ...(await describeEvents(target)),
    ...(qualifier === "" ? {} : { qualifier }),
  }));
}
