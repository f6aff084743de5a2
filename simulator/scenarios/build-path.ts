// From a scenario's description to queues, functions, mappings and producers of the engine.
import type { SimulatedFunction } from "../account.ts";
import { LambdaFunction } from "../engine/function.ts";
import { uuid } from "../engine/ids.ts";
import { Mapping } from "../engine/mapping.ts";
import { Producer, type ProducerSpec } from "../engine/producer.ts";
import { Queue } from "../engine/queue.ts";
import { hash32, Random } from "../engine/random.ts";
import { Trigger } from "../engine/trigger.ts";
import type { World } from "../engine/world.ts";
import { RUNTIMES } from "../logs/style.ts";
import type { PathNames } from "./names.ts";
import type { ConsumerSpec, PathSpec } from "./path-spec.ts";

const FOREIGN_ACCOUNT_ID = "210987654321";
/** Business keys of different producers never meet. */
const KEYS_A_PRODUCER = 0x100_0000;

export interface BuiltPath {
  readonly queue: Queue;
  readonly functions: readonly LambdaFunction[];
  readonly mappings: readonly Mapping[];
}

/** The path of a scenario, and that of its dead-letter queue where somebody consumes it. */
export interface BuiltScenario {
  readonly path: BuiltPath;
  readonly deadLetterPath: BuiltPath | undefined;
}

/** How many functions a description needs names for. */
export function consumerCount({ consumers, deadLetterConsumers = [] }: PathSpec): number {
  return consumers.length + deadLetterConsumers.length;
}

/** Independent random numbers for every part, so that changing one leaves the others' alone. */
type RandomFor = (part: string) => Random;

export function randomSource(seed: number, subject: string): RandomFor {
  return (part) => {
    let mixed = seed;
    for (const character of `${subject}/${part}`) mixed = hash32(mixed, character.charCodeAt(0));
    return new Random(mixed);
  };
}

function addQueue(world: World, names: PathNames, spec: PathSpec): { queue: Queue; deadLetter?: Queue } {
  const { fifo = false, foreign = false, maxReceiveCount, delaySeconds = 0 } = spec.queue;
  const accountId = foreign ? FOREIGN_ACCOUNT_ID : world.accountId;
  const kind: Record<string, string> = fifo ? { FifoQueue: "true", ContentBasedDeduplication: "false" } : {};
  const suffix = fifo ? ".fifo" : "";
  const add = (name: string, attributes: Record<string, string>): Queue => {
    const queue = new Queue(world, {
      name,
      accountId,
      attributes: { ...kind, ...attributes },
      tags: names.queueTags,
    });
    world.queues.set(queue.arn, queue);
    return queue;
  };
  const settings = {
    VisibilityTimeout: String(spec.queue.visibilityTimeoutSeconds),
    DelaySeconds: String(delaySeconds),
  };
  if (maxReceiveCount === undefined) return { queue: add(`${names.queue}${suffix}`, settings) };
  const deadLetter = add(`${names.queue}-dlq${suffix}`, {
    VisibilityTimeout: settings.VisibilityTimeout,
    MessageRetentionPeriod: "1209600",
  });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetter.arn, maxReceiveCount });
  return { queue: add(`${names.queue}${suffix}`, { ...settings, RedrivePolicy }), deadLetter };
}

/** @param index of the function among those that have a name. */
export function configurationOf(
  world: World,
  names: PathNames,
  consumer: Pick<
    ConsumerSpec,
    "timeoutSeconds" | "shape" | "logFormat" | "systemLogLevel" | "reservedConcurrency"
  >,
  index: number,
): SimulatedFunction {
  const name = names.functions[index] ?? names.subject;
  const qualifier = names.qualifiers[index] ?? "";
  const json = consumer.logFormat === "JSON";
  return {
    name,
    arn: `arn:aws:lambda:${world.region}:${world.accountId}:function:${name}`,
    runtime: RUNTIMES[consumer.shape],
    timeoutSeconds: consumer.timeoutSeconds,
    memoryMb: 256,
    logGroup: names.logGroups[index] ?? `/aws/lambda/${name}`,
    logFormat: json ? "JSON" : "Text",
    ...(json ? { systemLogLevel: consumer.systemLogLevel ?? "INFO", applicationLogLevel: "INFO" } : {}),
    ...(consumer.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrency: consumer.reservedConcurrency }),
    tags: names.functionTags,
    aliases: qualifier === "alias" ? { live: "3" } : {},
    versions: qualifier === "" ? [] : ["1", "2", "3"],
  };
}

/** @param index of the function among those that have a name. */
function addConsumer(
  world: World,
  names: PathNames,
  path: PathSpec,
  queue: Queue,
  consumer: ConsumerSpec,
  index: number,
  randomFor: RandomFor,
): { fn: LambdaFunction; mapping: Mapping } {
  const configuration = configurationOf(world, names, consumer, index);
  const qualifier = names.qualifiers[index] ?? "";
  const fn = new LambdaFunction(world, {
    configuration,
    version: qualifier === "" ? "$LATEST" : "3",
    work: consumer.work,
    logStyle: { shape: consumer.shape, oddities: consumer.oddities ?? [], losses: consumer.losses ?? {} },
    random: randomFor(`function ${index}`),
  });
  const suffix = { "": "", alias: ":live", version: ":3" }[qualifier];
  const mapping = new Mapping(world, {
    configuration: {
      uuid: uuid(world.seed, "mapping", world.nextIndex("mapping")),
      state: consumer.enabled === false ? "Disabled" : "Enabled",
      eventSourceArn: queue.arn,
      functionArn: configuration.arn + suffix,
      batchSize: consumer.batchSize ?? 10,
      maximumBatchingWindowSeconds: consumer.batchingWindowSeconds ?? 0,
      ...(consumer.maximumConcurrency === undefined
        ? {}
        : { maximumConcurrency: consumer.maximumConcurrency }),
      filterPatterns: consumer.filterPatterns ?? [],
      reportBatchItemFailures: consumer.reportBatchItemFailures ?? false,
      eventCountMetrics: consumer.eventCountMetrics ?? false,
      lastModifiedMs: world.clock.originMs - 40 * 24 * 3_600_000,
    },
    queue,
    fn,
    random: randomFor(`mapping ${index}`),
    ...(consumer.pollLatencyMs === undefined ? {} : { pollLatencyMs: consumer.pollLatencyMs }),
    ...(path.reappearShare === undefined ? {} : { reappearShare: path.reappearShare }),
  });
  for (const [number, trigger] of (consumer.triggers ?? []).entries()) {
    new Trigger(world, fn, trigger, randomFor(`trigger ${index} ${number}`));
  }
  return { fn, mapping };
}

/** Keeps the shape of a rate, but gives it another mean. */
function scaled(spec: ProducerSpec, perSecond: number | undefined): ProducerSpec {
  if (perSecond === undefined) return spec;
  const { rate } = spec;
  if (rate.kind !== "phased") return { ...spec, rate: { ...rate, perSecond } };
  const factor = perSecond / rate.perSecond;
  const phases = rate.phases.map((phase) => ({ ...phase, perSecond: phase.perSecond * factor }));
  return { ...spec, rate: { ...rate, perSecond, phases } };
}

/** @param perSecond replaces the mean rate of every producer. */
export function buildPath(world: World, names: PathNames, spec: PathSpec, perSecond?: number): BuiltScenario {
  const randomFor = randomSource(world.seed, names.subject);
  const { queue, deadLetter } = addQueue(world, names, spec);
  const consumedBy = (from: Queue, consumers: readonly ConsumerSpec[], firstIndex: number): BuiltPath => {
    const built = consumers.map((consumer, index) =>
      addConsumer(world, names, spec, from, consumer, firstIndex + index, randomFor),
    );
    return {
      queue: from,
      functions: built.map(({ fn }) => fn),
      mappings: built.map(({ mapping }) => mapping),
    };
  };
  const { consumers, deadLetterConsumers } = spec;
  const path = consumedBy(queue, consumers, 0);
  const deadLetterPath =
    deadLetter === undefined || deadLetterConsumers === undefined
      ? undefined
      : consumedBy(deadLetter, deadLetterConsumers, consumers.length);
  for (const [index, producer] of spec.producers.entries()) {
    const firstKey = world.nextIndex("producer") * KEYS_A_PRODUCER;
    new Producer(world, queue, scaled(producer, perSecond), randomFor(`producer ${index}`), firstKey);
  }
  for (const timeMs of spec.redriveAtMs ?? []) world.clock.at(timeMs, () => deadLetter?.moveAllTo(queue));
  return { path, deadLetterPath };
}
