// An account of random paths, and what is random about the account itself: its metrics' errors, its window.
import {
  type CreateAccountOptions,
  type CreatedAccount,
  createAccount,
} from "../../simulator/create-account.ts";
import { hash32, Random } from "../../simulator/engine/random.ts";
import type { ConsumerSpec, Scenario } from "../../simulator/scenarios/path-spec.ts";
import { randomScenario } from "./random-path.ts";

const END_MS = Date.parse("2026-11-23T18:00:00Z");
const PATHS = 8;
/** Messages a second. One account in four has a busy path, and a short window, so that the time stays in bounds. */
const RATES = { usual: [1 / 3600, 2], busy: [2, 50] } as const;
const BUSY_SHARE = 0.25;
/** What lies before the window: earlier deliveries, and the beginnings of a history. */
const LEAD_HOURS = 1.5;

/** What decides which lines a consumer's log has, and what they can show. */
export type LoggingSpec = Pick<
  ConsumerSpec,
  "shape" | "losses" | "oddities" | "logFormat" | "systemLogLevel" | "reportBatchItemFailures"
>;

export interface RandomAccount extends CreatedAccount {
  readonly lookbackMinutes: number;
  /** How the consumers of each path log, in the order of `truth.paths()`. */
  readonly logStyles: readonly (readonly LoggingSpec[])[];
  /** The same account again with other visibility timeouts, by queue ARN, and no traffic on any other queue. */
  readonly withTimeouts: (secondsByQueue: ReadonlyMap<string, number>) => CreatedAccount;
}

/** @param paths of the account. */
export function createRandomAccount(seed: number, paths = PATHS): RandomAccount {
  // Neighbouring seeds begin alike.
  const random = new Random(hash32(seed, 0));
  const busy = random.chance(BUSY_SHARE);
  const lookbackMinutes = busy ? 60 : 60 * random.integer(1, 3);
  const scenarios = Array.from({ length: paths }, (_, index) =>
    randomScenario(random, busy && index === 0 ? RATES.busy : RATES.usual),
  );
  const options: Omit<CreateAccountOptions, "scenarios"> = {
    seed,
    endMs: END_MS,
    hours: lookbackMinutes / 60 + LEAD_HOURS,
    metricErrors: {
      countErrorShare: random.chance(0.5) ? 0.04 * random.next() : 0,
      lostShare: random.chance(0.3) ? 0.01 * random.next() : 0,
      lateMs: random.integer(0, 15) * 60_000,
    },
  };
  const account = createAccount({ ...options, scenarios });
  const queueArns = account.truth.paths().map(({ queueArn }) => queueArn);
  return {
    ...account,
    lookbackMinutes,
    logStyles: scenarios.map(({ build }) => build(() => 0).consumers),
    withTimeouts: (secondsByQueue) =>
      createAccount({
        ...options,
        scenarios: scenarios.map((scenario, index) =>
          changed(scenario, secondsByQueue.get(queueArns[index] ?? "")),
        ),
      }),
  };
}

const changed = (scenario: Scenario, visibilityTimeoutSeconds: number | undefined): Scenario => ({
  ...scenario,
  build: (beforeEnd) => {
    const spec = scenario.build(beforeEnd);
    if (visibilityTimeoutSeconds === undefined) return { ...spec, producers: [] };
    return { ...spec, queue: { ...spec.queue, visibilityTimeoutSeconds } };
  },
});
