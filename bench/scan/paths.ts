// The account that is scanned: a hundred paths, of which one in eight has a cause.
import { createAccount } from "../../simulator/create-account.ts";
import type { AsyncScenario } from "../../simulator/scenarios/async-spec.ts";
import type { Scenario } from "../../simulator/scenarios/path-spec.ts";
import { scenarioByName } from "../../simulator/scenarios/registry.ts";

/** Paths of the account that is copied. */
export const BASE_PATHS = 100;

/** Times a scenario is in it. Two consumed dead-letter queues are paths too, and the last ones have no queue. */
const MIX: Readonly<Record<string, number>> = {
  healthy: 47,
  "small-batches": 8,
  "healthy-fifo": 8,
  "other-triggers": 6,
  "three-consumers": 4,
  "idle-bad-settings": 4,
  "consumed-dlq": 2,
  "disabled-mapping": 1,
  "draining-backlog": 1,
  "foreign-queue": 1,
  "visibility-expired": 1,
  "visibility-expired-unlogged": 1,
  "deleted-too-late": 1,
  "function-timeout": 1,
  "function-error": 1,
  "partial-batch-replay": 1,
  throttled: 1,
  "dlq-redrive": 1,
  "several-consumers": 1,
  "producer-duplicate": 1,
  "at-least-once": 1,
  "async-source-retry": 1,
  "async-source-quiet": 4,
};

/** A scan that looks back a day sees a full one, with a day and some hours of history before it. */
const HOURS = 56;
/** Of the traffic that the scenarios without a cause have by themselves: some 70 messages an hour and path remain. */
const QUIET_SHARE = 0.1;

function named(name: string): Scenario | AsyncScenario {
  const scenario = scenarioByName(name);
  if (scenario.causes.length > 0) return scenario;
  return "function" in scenario ? quietFunction(scenario) : quietPath(scenario);
}

function quietPath(scenario: Scenario): Scenario {
  return {
    ...scenario,
    build: (beforeEnd) => {
      const spec = scenario.build(beforeEnd);
      const producers = spec.producers.map((producer) => ({
        ...producer,
        rate: { ...producer.rate, perSecond: producer.rate.perSecond * QUIET_SHARE },
      }));
      return { ...spec, producers };
    },
  };
}

function quietFunction(scenario: AsyncScenario): AsyncScenario {
  const { sources, callsPerSecond = 0 } = scenario.function;
  return {
    ...scenario,
    function: {
      ...scenario.function,
      sources: sources.map((source) => ({ ...source, perSecond: source.perSecond * QUIET_SHARE })),
      callsPerSecond: callsPerSecond * QUIET_SHARE,
    },
  };
}

/** BASE_PATHS of them. */
export function createPaths(seed: number, endMs: number) {
  const scenarios = Object.entries(MIX).flatMap(([name, times]) => Array(times).fill(named(name)));
  const { account, truth } = createAccount({ seed, endMs, hours: HOURS, scenarios });
  const made = truth.paths().length + truth.asyncPaths().length;
  if (made !== BASE_PATHS) throw new Error(`expected ${BASE_PATHS} paths in the account, got ${made}`);
  return account;
}
