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
import { joinReads, readSeries, type SeriesRead } from "./read-series.ts";
import type { ScanPorts } from "./scan-ports.ts";

const MINUTE_MS = 60_000;
const HOUR_SECONDS = 3600;
/**
 * An hour's metrics have settled so long after its end: a run of a quarter of an hour is counted when it is over,
 * under its start, and then the points of a queue that wakes up may be another quarter late.
 */
const HOUR_SETTLES_MS = 30 * MINUTE_MS;
const LEDGER_CONCURRENCY = 8;

type HistoryPorts = Pick<ScanPorts, "metrics" | "ledger">;

export interface PathPast {
  readonly history: PathHistory;
  /** Hours that could not be read, and why. */
  readonly unreadable: readonly Unreadable[];
}

export interface PathHistories {
  /** By queue ARN; absent where there is nothing to ask for. */
  readonly pasts: ReadonlyMap<string, PathPast>;
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

/**
 * The hours of each path. What is missing is asked for, one call for all paths that miss the same hours, and the
 * ledger is told. Hours are facts and each baseline says how far it reaches, so a repeat changes nothing, and of two
 * scans at once the later write wins: what it lacks, the next scan asks for again.
 */
export async function readHistories(
  ports: HistoryPorts,
  paths: readonly DeliveryPath[],
  window: Window,
  settings: Pick<ScanSettings, "historyHours" | "settleMinutes">,
): Promise<PathHistories> {
  // When the scan was meant to run. The clock would make a repeat differ.
  const nowMs = window.endMs + settings.settleMinutes * MINUTE_MS;
  const wanted = historyWindow(window, nowMs, settings.historyHours);
  if (wanted === undefined) return { pasts: new Map(), metricsRequested: 0 };

  const known = await pMap(paths, (path) => recall(ports.ledger, path, wanted, nowMs), {
    concurrency: LEDGER_CONCURRENCY,
  });
  const recalled = known.filter((one) => one !== undefined);
  const { series, metricsRequested } = await readMissing(ports, recalled);
  const pasts = await pMap(
    recalled,
    async (one): Promise<[string, PathPast]> => [
      one.path.queueArn,
      await complete(ports.ledger, one, series, wanted),
    ],
    { concurrency: LEDGER_CONCURRENCY },
  );
  return { pasts: new Map(pasts), metricsRequested };
}

/** What the ledger knows of a path, and what has to be asked for. */
interface Recalled {
  readonly path: DeliveryPath;
  readonly setUp: string;
  readonly requests: readonly MetricRequest[];
  /** As it is in the ledger. */
  readonly kept: RatioBaseline | undefined;
  /** What is gone on with; undefined before the first fill. */
  readonly baseline: RatioBaseline | undefined;
  readonly missing: Window | undefined;
}

async function recall(
  ledger: Ledger,
  path: DeliveryPath,
  wanted: Window,
  nowMs: number,
): Promise<Recalled | undefined> {
  const requests = metricRequests(path).history;
  const setUp = setUpOf(path);
  if (requests.length === 0 || setUp === undefined) return undefined;
  const kept = await readBaseline(ledger, path.queueArn);
  const baseline = continueBaseline(kept, setUp, nowMs);
  return { path, setUp, requests, kept, baseline, missing: missingHours(baseline, wanted) };
}

/** A baseline of another shape (an older version wrote it) is none: CloudWatch still has its hours. */
async function readBaseline(ledger: Ledger, queueArn: string): Promise<RatioBaseline | undefined> {
  return RatioBaseline.safeParse(await ledger.getBaseline(queueArn)).data;
}

async function readMissing(ports: HistoryPorts, recalled: readonly Recalled[]): Promise<SeriesRead> {
  const groups = new Map<string, { readonly window: Window; readonly requests: MetricRequest[] }>();
  for (const { missing, requests } of recalled) {
    if (missing === undefined) continue;
    const key = `${missing.startMs}-${missing.endMs}`;
    const group = groups.get(key) ?? { window: missing, requests: [] };
    group.requests.push(...requests);
    groups.set(key, group);
  }
  const answers = await Promise.all(
    [...groups.values()].map(({ window, requests }) => readSeries(ports, requests, window, HOUR_SECONDS)),
  );
  return joinReads(answers);
}

/** Joins what was read, and keeps it where anything is new. What could not be read leaves the baseline as it was. */
async function complete(
  ledger: Ledger,
  { path, setUp, kept, baseline, missing }: Recalled,
  series: ReadonlyMap<string, MetricSeries>,
  wanted: Window,
): Promise<PathPast> {
  const reader = createSeriesReader(series);
  const hours = missing === undefined ? undefined : readHours(path, missing, reader);
  const extended =
    missing === undefined || hours === undefined
      ? baseline
      : extendBaseline(baseline, setUp, { window: missing, hours }, wanted.startMs);
  if (extended !== undefined && extended !== kept) await ledger.putBaseline(path.queueArn, extended);
  return {
    history: {
      hours: extended === undefined ? [] : hoursOf(extended),
      restartedMs: extended?.restartedMs,
    },
    unreadable: reader.unreadable(),
  };
}
