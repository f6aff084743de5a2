// From a scenario's description to a function of the engine with its resource policy and its triggers.
import { type AsyncEventKind, sourceArn } from "../engine/async-events.ts";
import { LambdaFunction } from "../engine/function.ts";
import { Trigger } from "../engine/trigger.ts";
import type { World } from "../engine/world.ts";
import type { AsyncFunctionSpec } from "./async-spec.ts";
import { configurationOf, randomSource } from "./build-path.ts";
import type { PathNames } from "./names.ts";

const PRINCIPALS: Readonly<Record<AsyncEventKind, string>> = {
  sns: "sns.amazonaws.com",
  s3: "s3.amazonaws.com",
  eventbridge: "events.amazonaws.com",
};

export function buildAsyncFunction(world: World, names: PathNames, spec: AsyncFunctionSpec): LambdaFunction {
  const randomFor = randomSource(world.seed, names.subject);
  const configuration = configurationOf(world, names, spec, 0);
  const sources = spec.sources.map((source) => ({
    ...source,
    arn: sourceArn(world, source.kind, names.subject),
  }));
  const Statement = sources.map(({ kind, arn }, index) => ({
    Sid: `source-${index}`,
    Effect: "Allow",
    Principal: { Service: PRINCIPALS[kind] },
    Action: "lambda:InvokeFunction",
    Resource: configuration.arn,
    Condition: { ArnLike: { "AWS:SourceArn": arn } },
  }));
  const { maximumRetryAttempts } = spec;
  const qualifier = { "": undefined, alias: "live", version: "3" }[names.qualifiers[0] ?? ""];
  const fn = new LambdaFunction(world, {
    configuration: {
      ...configuration,
      policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement }),
      ...(maximumRetryAttempts === undefined ? {} : { eventInvokeConfig: { maximumRetryAttempts } }),
    },
    version: qualifier === undefined ? "$LATEST" : "3",
    ...(qualifier === undefined ? {} : { asyncQualifier: qualifier }),
    work: spec.work,
    logStyle: { shape: spec.shape, oddities: spec.oddities ?? [], losses: spec.losses ?? {} },
    random: randomFor("function"),
  });
  for (const [index, { kind, arn, ...trigger }] of sources.entries()) {
    new Trigger(
      world,
      fn,
      { ...trigger, kind: "async", source: { kind, arn } },
      randomFor(`source ${index}`),
    );
  }
  if (spec.callsPerSecond !== undefined) {
    new Trigger(world, fn, { kind: "sync", perSecond: spec.callsPerSecond }, randomFor("calls"));
  }
  return fn;
}
