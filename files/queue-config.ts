// Settings that somebody saved with the AWS CLI: the answers of `aws sqs get-queue-attributes`, `aws lambda
// list-event-source-mappings` and `aws lambda get-function-configuration` (or get-function, or list-functions), one or
// a list of any of them in a file.
import * as z from "zod";
import type { KnownSettings } from "../core/analyze/known-settings.ts";
import { ConfigError } from "../core/errors.ts";
import type { ConsumerFunction, EventSourceMapping, QueueSettings } from "../core/model/delivery-path.ts";
import { parseConfiguration } from "../core/problems.ts";

/** SQS writes all numbers as text. */
const digits = z
  .string()
  .refine((text) => /^\d+$/.test(text), { error: "a whole number, as text" })
  .transform(Number);

const RedrivePolicy = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.issues.push({ code: "custom", message: "JSON", input: text });
      return z.NEVER;
    }
  })
  .pipe(z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number().int() }));

const QueueAttributes = z.object({
  Attributes: z.object({
    QueueArn: z.string().optional(),
    VisibilityTimeout: digits,
    FifoQueue: z.string().optional(),
    ContentBasedDeduplication: z.string().optional(),
    DelaySeconds: digits.default(0),
    /** @default four days, as SQS's */
    MessageRetentionPeriod: digits.default(345_600),
    RedrivePolicy: RedrivePolicy.optional(),
  }),
});

const Mapping = z.object({
  UUID: z.string(),
  EventSourceArn: z.string().optional(),
  FunctionArn: z.string(),
  State: z.string().default("Enabled"),
  BatchSize: z.number().int().default(10),
  MaximumBatchingWindowInSeconds: z.number().int().default(0),
  ScalingConfig: z.object({ MaximumConcurrency: z.number().int().optional() }).nullish(),
  FilterCriteria: z.object({ Filters: z.array(z.unknown()).default([]) }).nullish(),
  FunctionResponseTypes: z.array(z.string()).nullish(),
});

const FunctionConfiguration = z.object({
  FunctionName: z.string(),
  FunctionArn: z.string(),
  Timeout: z.number().int(),
  Runtime: z.string().optional(),
  LoggingConfig: z
    .object({
      LogFormat: z.string().optional(),
      LogGroup: z.string().optional(),
      SystemLogLevel: z.string().optional(),
      ApplicationLogLevel: z.string().optional(),
    })
    .optional(),
});

const Answer = z.union(
  [
    QueueAttributes,
    z.object({ EventSourceMappings: z.array(Mapping) }),
    z.object({ Functions: z.array(FunctionConfiguration) }),
    z.object({ Configuration: FunctionConfiguration }),
    Mapping,
    FunctionConfiguration,
  ],
  {
    error: "the answer of get-queue-attributes, list-event-source-mappings or get-function-configuration",
  },
);
type Answer = z.infer<typeof Answer>;

export interface ConfigText {
  /** For messages. */
  readonly name: string;
  readonly text: string;
}

/** @throws ConfigError with everything that is wrong with a file. */
export function readQueueConfig(files: readonly ConfigText[]): KnownSettings {
  const queues = new Map<string, QueueSettings>();
  const functions = new Map<string, ConsumerFunction>();
  const mappings: EventSourceMapping[] = [];
  const unnamed: QueueSettings[] = [];
  for (const answer of files.flatMap(answersOf)) {
    if ("Attributes" in answer) {
      const arn = answer.Attributes.QueueArn;
      if (arn === undefined) unnamed.push(toSettings(answer.Attributes));
      else queues.set(arn, toSettings(answer.Attributes));
    }
    for (const mapping of mappingsIn(answer)) mappings.push(...toMapping(mapping));
    for (const configuration of functionsIn(answer)) {
      const consumer = toFunction(configuration);
      functions.set(consumer.arn, consumer);
    }
  }
  const [unnamedQueue, ...others] = unnamed;
  if (others.length > 0) {
    throw new ConfigError(
      "--queue-config: expected QueueArn among the attributes of all queues but one, got more without it (ask for --attribute-names All)",
    );
  }
  return { queues, unnamedQueue, mappings, functions };
}

function answersOf({ name, text }: ConfigText): Answer[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`cannot read ${name}: expected JSON, got something else`, { cause: error });
  }
  return parseConfiguration(z.array(Answer), Array.isArray(value) ? value : [value], name);
}

const mappingsIn = (answer: Answer) => {
  if ("EventSourceMappings" in answer) return answer.EventSourceMappings;
  return "UUID" in answer ? [answer] : [];
};

const functionsIn = (answer: Answer) => {
  if ("Functions" in answer) return answer.Functions;
  if ("Configuration" in answer) return [answer.Configuration];
  return "FunctionName" in answer ? [answer] : [];
};

function toSettings(attributes: z.infer<typeof QueueAttributes>["Attributes"]): QueueSettings {
  const { QueueArn: arn = "", RedrivePolicy: redrive } = attributes;
  const [, , , region = "", account = "", name = ""] = arn.split(":");
  return {
    url: arn === "" ? "" : `https://sqs.${region}.amazonaws.com/${account}/${name}`,
    visibilityTimeoutSeconds: attributes.VisibilityTimeout,
    fifo: attributes.FifoQueue === "true",
    contentBasedDeduplication: attributes.ContentBasedDeduplication === "true",
    delaySeconds: attributes.DelaySeconds,
    messageRetentionSeconds: attributes.MessageRetentionPeriod,
    ...(redrive !== undefined && { redrive }),
    tags: {},
  };
}

/** None where the mapping reads from something else than SQS. */
function toMapping(mapping: z.infer<typeof Mapping>): EventSourceMapping[] {
  const { EventSourceArn: queueArn = "", ScalingConfig: scaling } = mapping;
  if (!/^arn:[^:]+:sqs:/.test(queueArn)) return [];
  const maximumConcurrency = scaling?.MaximumConcurrency;
  return [
    {
      uuid: mapping.UUID,
      state: mapping.State,
      queueArn,
      functionArn: mapping.FunctionArn,
      batchSize: mapping.BatchSize,
      maximumBatchingWindowSeconds: mapping.MaximumBatchingWindowInSeconds,
      ...(maximumConcurrency !== undefined && { maximumConcurrency }),
      filterCount: mapping.FilterCriteria?.Filters.length ?? 0,
      reportBatchItemFailures: mapping.FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
      eventCountMetrics: false,
    },
  ];
}

function toFunction(configuration: z.infer<typeof FunctionConfiguration>): ConsumerFunction {
  const { FunctionName: name, FunctionArn, Runtime: runtime, LoggingConfig: logging } = configuration;
  const parts = FunctionArn.split(":");
  const qualifier = parts[7];
  return {
    arn: parts.slice(0, 7).join(":"),
    name,
    ...(qualifier !== undefined && qualifier !== "$LATEST" && { qualifier }),
    timeoutSeconds: configuration.Timeout,
    ...(runtime !== undefined && { runtime }),
    logGroup: logging?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: logging?.LogFormat === "JSON" ? "JSON" : "Text",
    ...(logging?.SystemLogLevel !== undefined && { systemLogLevel: logging.SystemLogLevel }),
    ...(logging?.ApplicationLogLevel !== undefined && { applicationLogLevel: logging.ApplicationLogLevel }),
  };
}
