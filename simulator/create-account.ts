// The way in: an account made of scenarios, simulated up to now, with the ground truth beside it.
import type { SimulatedAccount } from "./account.ts";
import { EngineAccount } from "./engine/account.ts";
import { Clock } from "./engine/clock.ts";
import type { LambdaFunction } from "./engine/function.ts";
import type { MetricErrors } from "./engine/metric-errors.ts";
import { MetricStore } from "./engine/metrics.ts";
import { Random } from "./engine/random.ts";
import { createWorld } from "./engine/world.ts";
import type { AsyncScenario } from "./scenarios/async-spec.ts";
import { buildAsyncFunction } from "./scenarios/build-async.ts";
import { type BuiltPath, buildPath, consumerCount } from "./scenarios/build-path.ts";
import { namePath, subjects } from "./scenarios/names.ts";
import type { Scenario } from "./scenarios/path-spec.ts";
import { DEFAULT_SCENARIOS, scenarioByName } from "./scenarios/registry.ts";
import { EngineTruth, type GroundTruth, type TrueAsyncPath, type TruePath } from "./truth.ts";

export { DEFAULT_SCENARIOS, scenarioDescriptions, scenarioNames } from "./scenarios/registry.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export interface CreateAccountOptions {
  readonly seed: number;
  /** Names of scenarios or scenarios of one's own, one or two paths each; may be repeated. @default DEFAULT_SCENARIOS */
  readonly scenarios?: readonly (string | Scenario | AsyncScenario)[];
  /** Virtual "now" when creation is done, epoch ms; the whole run before it has been simulated. */
  readonly endMs: number;
  /** Length of the run. The scenarios show their causes in the last three hours if it is at least 6. @default 24 */
  readonly hours?: number;
  /** @default "123456789012" */
  readonly accountId?: string;
  /** @default "us-east-1" */
  readonly region?: string;
  /** Begin of queue URLs. @default "https://sqs.<region>.amazonaws.com" */
  readonly baseUrl?: string;
  /** Gives every producer this mean rate; for benchmarks. @default each scenario's own */
  readonly messagesPerSecond?: number;
  /** @default none: every point is there at once and right */
  readonly metricErrors?: MetricErrors;
}

export interface CreatedAccount {
  readonly account: SimulatedAccount & { setBaseUrl(url: string): void };
  readonly truth: GroundTruth;
}

function truePath(
  { queue, functions }: BuiltPath,
  { name, causes, planExpected }: Pick<Scenario, "name" | "causes" | "planExpected">,
): TruePath {
  return {
    scenario: name,
    queueArn: queue.arn,
    functionArns: functions.map((fn) => fn.configuration.arn),
    quiet: causes.length === 0,
    causes,
    planExpected,
  };
}

function asyncPath(fn: LambdaFunction, { name, causes }: AsyncScenario) {
  const functionArn = fn.configuration.arn;
  const truth: TrueAsyncPath = { scenario: name, functionArn, quiet: causes.length === 0, causes };
  return { function: fn, truth };
}

/** @throws RangeError for an unknown scenario. */
export function createAccount(options: CreateAccountOptions): CreatedAccount {
  const { seed, scenarios = DEFAULT_SCENARIOS, endMs, hours = 24 } = options;
  const originMs = Math.floor((endMs - hours * HOUR_MS) / MINUTE_MS) * MINUTE_MS;
  const region = options.region ?? "us-east-1";
  const world = createWorld({
    seed,
    accountId: options.accountId ?? "123456789012",
    region,
    clock: new Clock(originMs),
    metrics: new MetricStore(),
  });

  const naming = new Random(seed);
  const names = subjects(naming, scenarios.length);
  const runMs = endMs - originMs;
  const built = scenarios.map((named, index) => {
    const scenario = typeof named === "string" ? scenarioByName(named) : named;
    if ("function" in scenario) {
      const pathNames = namePath(naming, names[index] ?? scenario.name, 1);
      return {
        paths: [],
        async: [asyncPath(buildAsyncFunction(world, pathNames, scenario.function), scenario)],
      };
    }
    const spec = scenario.build((hoursBeforeEnd) => Math.max(0, runMs - hoursBeforeEnd * HOUR_MS));
    const subject = names[index] ?? scenario.name;
    const { path, deadLetterPath } = buildPath(
      world,
      namePath(naming, subject, consumerCount(spec)),
      spec,
      options.messagesPerSecond,
    );
    const quiet = { name: scenario.name, causes: [], planExpected: false };
    const deadLetters =
      deadLetterPath === undefined ? [] : [{ path: deadLetterPath, truth: truePath(deadLetterPath, quiet) }];
    return { paths: [{ path, truth: truePath(path, scenario) }, ...deadLetters], async: [] };
  });

  const paths = built.flatMap((one) => one.paths);
  const asyncPaths = built.flatMap((one) => one.async);
  const functions = [
    ...paths.flatMap(({ path }) => path.functions),
    ...asyncPaths.map(({ function: fn }) => fn),
  ];
  const mappings = paths.flatMap(({ path }) => path.mappings);
  const account = new EngineAccount(
    world,
    { functions, mappings },
    options.baseUrl ?? `https://sqs.${region}.amazonaws.com`,
    options.metricErrors,
  );
  account.advanceTo(endMs);
  return {
    account,
    truth: new EngineTruth(
      world,
      paths.map(({ truth }) => truth),
      functions,
      asyncPaths.map(({ truth }) => truth),
    ),
  };
}
