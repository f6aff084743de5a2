// The hours that each path's ratio is compared with: kept in the ledger, filled and kept up to date from CloudWatch.
import pMap from "p-map";
import { metricRequests } from "../detect/metric-requests.ts";
import {
  continueBaseline,
  extendBaseline,
  hoursOf,
  missingHours,
  setUpOf,
} from "../detect/ratio/baseline.ts";
import { floorToHour, HOUR_MS, type PathHistory } from "../detect/ratio/history.ts";
import { readHours } from "../detect/ratio/read-hours.ts";
import { createSeriesReader } from "../detect/series-reader.ts";
import type { DeliveryPath, Unreadable } from "../model/delivery-path.ts";
import type { Window } from "../model/measurement.ts";
import { RatioBaseline } from "../model/ratio-baseline.ts";
import type { ScanSettings } from "../model/settings.ts";
import type { Ledger, MetricRequest, MetricSeries } from "../ports.ts";

const MINUTE_MS = 60_000;
const HOUR_SECONDS = 3600;
/**
 * An hour's metrics have settled so long after its end: a run of a quarter of an hour is counted when it is over,
 * under its start, and then the points of a queue that wakes up may be another quarter late.
 */
const HOUR_SETTLES_MS = 30 * MINUTE_MS;
const LEDGER_CONCURRENCY = 8;

type ReadSeries = (
  requests: readonly MetricRequest[],
  window: Window,
  periodSeconds: number,
) => Promise<ReadonlyMap<string, MetricSeries>>;

/** A path whose history is looked at, and what of it must be asked for. */
interface Plan {
  readonly path: DeliveryPath;
  readonly setUp: string;
  readonly requests: readonly MetricRequest[];
  /** As it was in the ledger. */
  readonly kept: RatioBaseline | undefined;
  /** What is gone on with; undefined before the first fill. */
  readonly baseline: RatioBaseline | undefined;
  readonly missing: Window | undefined;
}

export interface PathHistories {
  /** By queue ARN; absent where there is nothing to ask for. */
  readonly histories: ReadonlyMap<string, PathHistory>;
  /** By queue ARN. */
  readonly unreadable: ReadonlyMap<string, readonly Unreadable[]>;
  readonly metricsRequested: number;
}

/**
 * Whole hours that end before the window and have settled; undefined when no history is wanted.
 * @param nowMs the scan's own time.
 */
export function historyWindow(window: Window, nowMs: number, historyHours: number): Window | undefined {
  if (historyHours === 0) return undefined;
  const endMs = floorToHour(Math.min(window.startMs, nowMs - HOUR_SETTLES_MS));
  return { startMs: endMs - historyHours * HOUR_MS, endMs };
}

/** When the scan was meant to run: the window ends so long before. The clock would make a repeat differ. */
const scanTime = (window: Window, { settleMinutes }: Pick<ScanSettings, "settleMinutes">): number =>
  window.endMs + settleMinutes * MINUTE_MS;

/**
 * The hours of each path. What is missing is asked for, one call for all paths that miss the same hours, and the
 * ledger is told. Hours are facts and each baseline says how far it reaches, so a repeat changes nothing, and of two
 * scans at once the later write wins: what it lacks, the next scan asks for again.
 */
export async function readHistories(
  ledger: Ledger,
  readSeries: ReadSeries,
  paths: readonly DeliveryPath[],
  window: Window,
  settings: Pick<ScanSettings, "historyHours" | "settleMinutes">,
): Promise<PathHistories> {
  const nowMs = scanTime(window, settings);
  const wanted = historyWindow(window, nowMs, settings.historyHours);
  if (wanted === undefined) return { histories: new Map(), unreadable: new Map(), metricsRequested: 0 };

  const plans = await pMap(
    paths.flatMap((path) => {
      const setUp = setUpOf(path);
      const requests = metricRequests(path).history;
      return requests.length === 0 || setUp === undefined ? [] : [{ path, setUp, requests }];
    }),
    async ({ path, setUp, requests }): Promise<Plan> => {
      const kept = await readBaseline(ledger, path.queueArn);
      const baseline = continueBaseline(kept, setUp, nowMs);
      return { path, setUp, requests, kept, baseline, missing: missingHours(baseline, wanted) };
    },
    { concurrency: LEDGER_CONCURRENCY },
  );
  const asked = await askFor(plans, readSeries);

  const histories = new Map<string, PathHistory>();
  const unreadable = new Map<string, readonly Unreadable[]>();
  await pMap(
    plans,
    async ({ path, setUp, kept, baseline, missing }) => {
      const reader = createSeriesReader(asked);
      const hours = missing === undefined ? undefined : readHours(path, missing, reader);
      const extended =
        missing === undefined || hours === undefined
          ? baseline
          : extendBaseline(baseline, setUp, { window: missing, hours }, wanted.startMs);
      if (extended !== undefined && extended !== kept) await ledger.putBaseline(path.queueArn, extended);
      unreadable.set(path.queueArn, reader.unreadable());
      histories.set(path.queueArn, {
        hours: extended === undefined ? [] : hoursOf(extended),
        restartedMs: extended?.restartedMs,
      });
    },
    { concurrency: LEDGER_CONCURRENCY },
  );
  return {
    histories,
    unreadable,
    metricsRequested: plans.reduce(
      (sum, { missing, requests }) => sum + (missing === undefined ? 0 : requests.length),
      0,
    ),
  };
}

/** A baseline of another shape (an older version wrote it) is none: CloudWatch still has its hours. */
async function readBaseline(ledger: Ledger, queueArn: string): Promise<RatioBaseline | undefined> {
  return RatioBaseline.optional()
    .catch(undefined)
    .parse(await ledger.getBaseline(queueArn));
}

async function askFor(
  plans: readonly Plan[],
  readSeries: ReadSeries,
): Promise<ReadonlyMap<string, MetricSeries>> {
  const groups = new Map<string, { readonly window: Window; readonly requests: MetricRequest[] }>();
  for (const { missing, requests } of plans) {
    if (missing === undefined) continue;
    const key = `${missing.startMs}-${missing.endMs}`;
    const group = groups.get(key) ?? { window: missing, requests: [] };
    group.requests.push(...requests);
    groups.set(key, group);
  }
  const answers = await Promise.all(
    [...groups.values()].map(({ window, requests }) => readSeries(requests, window, HOUR_SECONDS)),
  );
  return new Map(answers.flatMap((answer) => [...answer]));
}
