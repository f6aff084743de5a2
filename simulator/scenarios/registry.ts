// All scenarios by name.
import { asyncScenarios } from "./async.ts";
import type { AsyncScenario } from "./async-spec.ts";
import { deletedTooLate } from "./deleted-too-late.ts";
import {
  asyncRetry,
  dlqRedrive,
  dlqRedriveUnlinked,
  functionError,
  functionTimeout,
  partialBatchReplay,
} from "./failures.ts";
import { atLeastOnce, producerDuplicate, severalConsumers, throttled } from "./other-causes.ts";
import type { Scenario } from "./path-spec.ts";
import { quietScenarios } from "./quiet.ts";
import { visibilityExpired } from "./visibility-expired.ts";

const DEFAULT: readonly (Scenario | AsyncScenario)[] = [
  ...visibilityExpired,
  deletedTooLate,
  functionTimeout,
  functionError,
  partialBatchReplay,
  throttled,
  dlqRedrive,
  severalConsumers,
  producerDuplicate,
  asyncRetry,
  atLeastOnce,
  ...quietScenarios,
  ...asyncScenarios,
];

/** What happens in the last one can be known from no log, so no account has it unless asked. */
const SCENARIOS: readonly (Scenario | AsyncScenario)[] = [...DEFAULT, dlqRedriveUnlinked];

/** What an account is made of unless told otherwise, each scenario once. */
export const DEFAULT_SCENARIOS: readonly string[] = DEFAULT.map(({ name }) => name);

export function scenarioNames(): readonly string[] {
  return SCENARIOS.map(({ name }) => name);
}

/** One sentence by scenario name. */
export function scenarioDescriptions(): Readonly<Record<string, string>> {
  return Object.fromEntries(SCENARIOS.map(({ name, description }) => [name, description]));
}

/** @throws RangeError for an unknown name. */
export function scenarioByName(name: string): Scenario | AsyncScenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario !== undefined) return scenario;
  throw new RangeError(`unknown scenario "${name}", expected one of: ${scenarioNames().join(", ")}`);
}
