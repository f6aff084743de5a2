// Queue attributes as strings (what SQS stores) and as numbers (what the engine works with).
import { type QueueAttributes, SimulatedAwsError } from "../account.ts";

const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: "30",
  DelaySeconds: "0",
  MaximumMessageSize: "262144",
  MessageRetentionPeriod: "345600",
  ReceiveMessageWaitTimeSeconds: "0",
  SqsManagedSseEnabled: "true",
};

const LIMITS: Readonly<Record<string, readonly [low: number, high: number]>> = {
  VisibilityTimeout: [0, 43_200],
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
};

const OTHERS = new Set([
  "RedrivePolicy",
  "RedriveAllowPolicy",
  "Policy",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
  "FifoQueue",
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoThroughputLimit",
]);

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

function invalidValue(name: string): SimulatedAwsError {
  return new SimulatedAwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}

function parseRedrivePolicy(text: string): RedrivePolicy {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw invalidValue("RedrivePolicy");
  }
  const { deadLetterTargetArn, maxReceiveCount } = (policy ?? {}) as Record<string, unknown>;
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== "string" || !Number.isInteger(count) || count < 1 || count > 1000) {
    throw invalidValue("RedrivePolicy");
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** @throws SimulatedAwsError for an unknown name or a value out of range; nothing is changed then. */
function check(attributes: QueueAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const limits = LIMITS[name];
    if (limits === undefined) {
      if (!OTHERS.has(name)) {
        throw new SimulatedAwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
      }
      continue;
    }
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= limits[0] && number <= limits[1])) throw invalidValue(name);
  }
}

/** The settings of one queue; a change applies to what happens later. */
export class QueueSettings {
  readonly #attributes: QueueAttributes;
  visibilityTimeoutMs = 0;
  delayMs = 0;
  retentionMs = 0;
  redrive: RedrivePolicy | undefined;

  constructor(attributes: QueueAttributes) {
    this.#attributes = { ...DEFAULTS };
    this.set(attributes);
  }

  get fifo(): boolean {
    return this.#attributes["FifoQueue"] === "true";
  }

  get contentBasedDeduplication(): boolean {
    return this.#attributes["ContentBasedDeduplication"] === "true";
  }

  /** @throws SimulatedAwsError */
  set(attributes: QueueAttributes): void {
    check(attributes);
    const policy = attributes["RedrivePolicy"];
    const redrive = policy === undefined || policy === "" ? undefined : parseRedrivePolicy(policy);
    Object.assign(this.#attributes, attributes);
    if (policy !== undefined) this.redrive = redrive;
    if (policy === "") delete this.#attributes["RedrivePolicy"];
    this.visibilityTimeoutMs = Number(this.#attributes["VisibilityTimeout"]) * 1000;
    this.delayMs = Number(this.#attributes["DelaySeconds"]) * 1000;
    this.retentionMs = Number(this.#attributes["MessageRetentionPeriod"]) * 1000;
  }

  all(): QueueAttributes {
    return { ...this.#attributes };
  }
}
