// Flow balance: what a queue's counters say about messages that were received or completed more than once.
import type { Estimate, FlowBalance } from "../model/measurement.ts";
import { type Points, total } from "./series-reader.ts";

/** One point a minute over the same window, gaps already 0. */
export interface FlowSeries {
  readonly sent: Points;
  readonly received: Points;
  readonly deleted: Points;
  readonly visible: Points;
  readonly inFlight: Points;
  readonly delayed: Points;
  /** Messages in the dead-letter queue; absent without one, null when it could not be read. */
  readonly deadLetterBacklog: Points | null | undefined;
  /** True for a dead-letter queue: what a redrive policy moves there is not in `sent`. @default false */
  readonly arrivesUncounted?: boolean;
  /** Variance, in messages², of what was put in for lost points. @default none was lost */
  readonly lostVariance?: { readonly sent: number; readonly received: number; readonly deleted: number };
}

/** Two-sided 95 % of the normal distribution. */
const Z_95 = 1.959964;
/** SQS counts "from a service perspective": each event is taken to be lost or repeated with this chance. */
const MISCOUNT_RATE = 0.01;
/** A bias that does not average out, as a share of the largest counter, and in messages: a handful proves nothing. */
const SYSTEMATIC_SHARE = 0.005;
const SYSTEMATIC_MESSAGES = 5;
/** Standard error of an Approximate… level, as a share of it. */
const LEVEL_ERROR = 0.02;

/**
 * Balances a queue over a window, in messages. With sent S, received R, deleted D, the change ΔB of the backlog
 * (visible + in flight + delayed) and X dead-lettered, each message completed once gives U = S − ΔB − X, and
 *
 *   excess deletes  = D − U                  completed more than once
 *   excess receives = R − U − Δ(in flight)   what is in flight at the end was received and not completed
 *   half width      = 1.96 √(0.01 (S + D) + lost points + edges) + max(5, 0.5 % of the larger of S and D)
 *
 * (R for receives). The root joins independent errors: miscounts (1 % of events, Poisson), lost points
 * (lost-points.ts), and at either edge one minute of traffic, one minute of change of the backlog, since levels are
 * taken somewhere within their minute, and 2 % of the Approximate… level. One-sided widenings: the dead-letter queue
 * may be shared, so its rise may not be ours; a fall of it (a redrive) brings messages back that are not in Sent; and
 * when it could not be read, everything up to all deletes is possible. Where messages arrive uncounted, each delete
 * is taken for a message of its own, and no excess is ever significant.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * @see docs/how-it-decides.md, "Flow balance", with an example to check by hand
 */
export function balanceFlow(series: FlowSeries): FlowBalance {
  const { arrivesUncounted = false, lostVariance = { sent: 0, received: 0, deleted: 0 } } = series;
  const received = total(series.received);
  const deleted = total(series.deleted);
  const backlog = series.visible.map(
    (visible, minute) => visible + (series.inFlight[minute] ?? 0) + (series.delayed[minute] ?? 0),
  );
  const backlogChange = change(backlog);
  const waiting = series.visible.map((visible, minute) => visible + (series.delayed[minute] ?? 0));
  const deadLetters = series.deadLetterBacklog ?? [];
  const deadLettered = Math.max(0, change(deadLetters));
  const counted = total(series.sent);
  const sent = arrivesUncounted ? Math.max(counted, deleted + backlogChange + deadLettered) : counted;

  const completed = sent - backlogChange - deadLettered;
  const firstReceived = sent - change(waiting) - deadLettered;
  const lowered = arrivesUncounted ? Number.POSITIVE_INFINITY : deadLettered + deepestFall(deadLetters).depth;
  const upToMost = arrivesUncounted || series.deadLetterBacklog === null;

  const interval = (
    counted: number,
    expected: number,
    counter: Points,
    level: Points,
    lost: number,
  ): Estimate & Signal =>
    estimate({
      value: counted - expected,
      halfWidth: noiseOf({
        sent,
        counted,
        variance: edgeVariance(series.sent, counter, level) + lostVariance.sent + lost,
      }),
      lowered,
      most: counted,
      upToMost,
    });
  const receives = interval(received, firstReceived, series.received, waiting, lostVariance.received);
  const deletes = interval(deleted, completed, series.deleted, backlog, lostVariance.deleted);

  return {
    sent,
    received,
    deleted,
    backlogChange,
    deadLettered,
    excessReceives: { value: receives.value, low: receives.low, high: receives.high },
    excessDeletes: { value: deletes.value, low: deletes.low, high: deletes.high },
    receivesSignificant: receives.significant,
    deletesSignificant: deletes.significant,
  };
}

/**
 * Messages that left the queue in the window, once each: sent − backlog change, and no fewer than 0. The
 * denominator of "receives a message" and "invocations a message": a backlog that drains is work, too.
 */
export const messagesHandled = (flow: Pick<FlowBalance, "sent" | "backlogChange">): number =>
  Math.max(0, flow.sent - flow.backlogChange);

interface Signal {
  readonly significant: boolean;
}

/** An excess is a number of events: neither below 0 nor above the events that were counted. */
function estimate(o: {
  readonly value: number;
  readonly halfWidth: number;
  /** Lowers the lower end only. */
  readonly lowered: number;
  readonly most: number;
  readonly upToMost: boolean;
}): Estimate & Signal {
  const clamp = (count: number) => Math.min(Math.max(0, count), o.most);
  const low = o.value - o.halfWidth - o.lowered;
  return {
    value: clamp(o.value),
    low: clamp(low),
    high: o.upToMost ? o.most : clamp(o.value + o.halfWidth),
    significant: low > 0,
  };
}

/**
 * How far two counters of a window may lie apart when nothing is wrong, in messages: half of a 95 % interval.
 * @param variance of the edges, and of what was put in for lost points.
 */
export function noiseOf({
  sent,
  counted,
  variance,
}: Record<"sent" | "counted" | "variance", number>): number {
  return (
    Z_95 * Math.sqrt(MISCOUNT_RATE * (sent + counted) + variance) +
    Math.max(SYSTEMATIC_MESSAGES, SYSTEMATIC_SHARE * Math.max(sent, counted))
  );
}

/** Variance, in messages², of what happens within the first and the last minute. */
export function edgeVariance(sent: Points, counted: Points, level: Points): number {
  const usual = (total(sent) + total(counted)) / Math.max(1, sent.length);
  const last = level.length - 1;
  const edge = (at: number, neighbour: number) => {
    const [here, sentHere, countedHere] = [level[at] ?? 0, sent[at] ?? 0, counted[at] ?? 0];
    const traffic = Math.max(usual, sentHere + countedHere);
    const movement = Math.max(Math.abs(here - (level[neighbour] ?? here)), Math.abs(sentHere - countedHere));
    return traffic + movement ** 2 + (LEVEL_ERROR * here) ** 2;
  };
  return edge(0, 1) + edge(last, last - 1);
}

const change = (level: Points): number => (level.at(-1) ?? 0) - (level[0] ?? 0);

/** A fall of a level. Minutes count from the window's start. */
export interface Fall {
  readonly depth: number;
  readonly peak: number;
  /** The last minute at the peak and the first at the bottom. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** The deepest fall of a level from an earlier peak: of a dead-letter queue, messages moved back or purged. */
export function deepestFall(level: Points): Fall {
  let peak = { value: 0, minute: 0 };
  let deepest: Fall = { depth: 0, peak: 0, fromMinute: 0, toMinute: 0 };
  for (const [minute, value] of level.entries()) {
    if (value >= peak.value) peak = { value, minute };
    const depth = peak.value - value;
    if (depth > deepest.depth)
      deepest = { depth, peak: peak.value, fromMinute: peak.minute, toMinute: minute };
  }
  return deepest;
}
