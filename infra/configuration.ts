// What the operator may set: the context key `doubletake` in cdk.json, and shortcuts such as `-c notifyEmail=…`.
import { Token } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";
import { ChangeSettings } from "../core/model/change-settings.ts";
import { ScanSettings } from "../core/model/settings.ts";
import { parseConfiguration } from "../core/problems.ts";
import { isCron, rateHours } from "./schedule-expression.ts";

/** CloudWatch looks back seven days at most. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export const MAX_ALARM_HOURS = 7 * 24;

/**
 * Lambda takes 4 KB of environment; the rest is for names and ARNs. It measures the variables written as JSON, so that
 * each quote inside a value counts twice.
 * @see https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594
 */
const MAX_SETTINGS_BYTES = 3500;

/** IAM takes 10,240 characters of a role's own policies, and each pattern becomes an ARN in them. */
const MAX_QUEUE_PATTERNS = 50;

/** What names of queues are made of, with the wildcards. */
const QUEUE_PATTERN = /^[\w.*?-]+$/;

/** Of the account, or of AWS. A managed policy may lie under a path. */
const POLICY = /^(arn:aws[\w-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+|[\w+=,.@-]{1,128})$/;

/** No alias: IAM knows keys by their id only. */
const KEY_ARN = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:key\/[\w-]+$/;

/** @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const isTagKey = (key: string) =>
  key.length >= 1 && key.length <= 128 && TAG_TEXT.test(key) && !/^aws:/i.test(key);

/** A resource takes 50 tags, of which the stack and CloudFormation set some themselves. */
const MAX_TAGS = 40;

/** In somebody's own app a name may come from another resource, and is known at deployment only. */
const isToken = (text: string) => Token.isUnresolved(text);

const EMAIL = z.email();
const address = z
  .string()
  .refine((text) => isToken(text) || EMAIL.safeParse(text).success, { error: "an e-mail address" });

/** What mail takes. @see https://www.rfc-editor.org/errata/eid1690 */
export const LONGEST_ADDRESS = 254;

/** In the place of an address that is not known yet, so that whatever it becomes has room. */
const UNKNOWN_ADDRESS = "@mail.example.org".padStart(LONGEST_ADDRESS, "x");

/** As the core has them; but an approver may be a token still. */
export const ConfiguredChange = ChangeSettings.extend({ approvers: z.array(address).default([]) });

export const RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === "number" && days !== RetentionDays.INFINITE,
);

const Fields = z.strictObject({
  // Follows from the schedule.
  ...ScanSettings.omit({ scanIntervalMinutes: true }).shape,
  ...ChangeSettings.shape,
  /** Who gets the digest. Each address must confirm the subscription that AWS mails to it. */
  notifyEmail: z.array(address).default([]),
  /** Who is told that Doubletake itself is in trouble; absent = those of `notifyEmail`. */
  alarmEmail: z.array(address).optional(),
  /** EventBridge Scheduler expression, in UTC. */
  schedule: z
    .string()
    .refine((text) => rateHours(text) !== undefined || isCron(text), {
      error: "a schedule such as rate(3 hours) or cron(0 6 * * ? *)",
    })
    .default("rate(3 hours)"),
  /** An alarm rings after this many hours without a finished scan; absent = twice the rate and one hour more. */
  missedScanHours: z.number().int().min(2).max(MAX_ALARM_HOURS).optional(),
  calmPaths: ScanSettings.shape.calmPaths.unwrap().default("daily"),
  changeQueues: ChangeSettings.shape.changeQueues
    .unwrap()
    .max(MAX_QUEUE_PATTERNS)
    .refine((patterns) => patterns.every((pattern) => QUEUE_PATTERN.test(pattern)), {
      error: "names of queues, in which * and ? are wildcards",
    })
    .default(["*"]),
  /** Who is asked for approval; absent = those of `notifyEmail`. */
  approvers: z.array(address).optional(),
  /** A public page on which approvers decide; without it the command line does. */
  approvalPage: z.boolean().default(true),
  /** Requests that the page answers at once; 0 = as many as come, where an account's limit is too low to keep any aside. */
  pageConcurrency: z.number().int().min(0).max(100).default(5),
  /** How Doubletake itself does, in CloudWatch. */
  dashboard: z.boolean().default(true),
  logRetentionDays: z.literal(RETENTION_DAYS).default(RetentionDays.ONE_MONTH),
  terminationProtection: z.boolean().default(false),
  /** Managed policy, by name or ARN, that bounds every role of the stack. */
  permissionsBoundary: z
    .string()
    .refine((text) => isToken(text) || POLICY.test(text), { error: "name or ARN of a managed policy" })
    .optional(),
  /** Tags of every resource that takes some. */
  tags: z
    .record(
      z.string(),
      z
        .string()
        .max(256)
        .refine((value) => isToken(value) || TAG_TEXT.test(value), {
          error: "letters, digits, spaces and _.:/=+-@",
        }),
    )
    .refine((tags) => Object.keys(tags).every(isTagKey), {
      error: "keys of 1 to 128 letters, digits, spaces and _.:/=+-@, none of which begins with aws:",
    })
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, { error: `at most ${MAX_TAGS} tags` })
    .default({}),
  /** Encrypts topics, ledger, dead-letter queue and logs; absent = AWS's own keys do, and topics are not encrypted. */
  kmsKeyArn: z
    .string()
    .refine((text) => isToken(text) || KEY_ARN.test(text), { error: "ARN of a KMS key, no alias" })
    .optional(),
  /** What becomes of the ledger when the stack is deleted. */
  ledgerRemovalPolicy: z.enum(["retain", "destroy"]).default("retain"),
});

const Coverage = Fields.pick({ schedule: true, lookbackMinutes: true });
const Alarm = Fields.pick({ schedule: true, missedScanHours: true });
const Addresses = Fields.pick({ notifyEmail: true, approvers: true });
const Quorum = Fields.pick({ quorum: true, approvalPage: true, notifyEmail: true, approvers: true });
const Settings = Fields.omit({
  alarmEmail: true,
  schedule: true,
  missedScanHours: true,
  dashboard: true,
  logRetentionDays: true,
  terminationProtection: true,
  permissionsBoundary: true,
  tags: true,
  kmsKeyArn: true,
  ledgerRemovalPolicy: true,
});

// `when` lets each of these checks speak although another field is wrong, so that all problems come at once.
export const StackConfiguration = Fields.superRefine(
  ({ schedule, lookbackMinutes }, context) => {
    const intervalMinutes = (rateHours(schedule) ?? 0) * 60;
    if (lookbackMinutes < intervalMinutes) {
      context.addIssue({
        code: "custom",
        path: ["lookbackMinutes"],
        message: `at least ${intervalMinutes}, the interval of the schedule, or messages would fall between two scans`,
        input: lookbackMinutes,
      });
    }
  },
  { when: ({ value }) => isValid(Coverage, value) },
)
  .superRefine(
    ({ schedule, missedScanHours }, context) => {
      if (isCron(schedule) && missedScanHours === undefined) {
        context.addIssue({
          code: "custom",
          path: ["missedScanHours"],
          message: "the longest gap between two scans, in hours, because the schedule is a cron expression",
          input: missedScanHours,
        });
      }
    },
    { when: ({ value }) => isValid(Alarm, value) },
  )
  .superRefine(
    (fields, context) => {
      const { quorum, approvalPage } = fields;
      const approvers = approversOf(fields).length;
      if (quorum > 1 && (!approvalPage || quorum > approvers)) {
        context.addIssue({
          code: "custom",
          path: ["quorum"],
          message: approvalPage
            ? `at most ${approvers}, the number of approvers`
            : "1 without the approval page, because the command line counts as one approver",
          input: quorum,
        });
      }
    },
    { when: ({ value }) => isValid(Quorum, value) },
  )
  .superRefine(
    (fields, context) => {
      const bytes = bytesInEnvironment(
        atLongest(fields.notifyEmail).join(),
        atLongest(approversOf(fields)).join(),
      );
      if (bytes > MAX_SETTINGS_BYTES) {
        context.addIssue({
          code: "custom",
          message: `at most ${MAX_SETTINGS_BYTES} bytes of addresses in all, for Lambda's environment`,
          input: bytes,
        });
      }
    },
    { when: ({ value }) => isValid(Addresses, value) },
  )
  .superRefine(
    (fields, context) => {
      const change = { ...fields, approvers: atLongest(approversOf(fields)) };
      const bytes = bytesInEnvironment(
        JSON.stringify(ScanSettings.parse(fields)),
        JSON.stringify(ChangeSettings.parse(change)),
      );
      if (bytes > MAX_SETTINGS_BYTES) {
        context.addIssue({
          code: "custom",
          message: `at most ${MAX_SETTINGS_BYTES} bytes of patterns and settings in all, for Lambda's environment`,
          input: bytes,
        });
      }
    },
    { when: ({ value }) => isValid(Settings, value) },
  )
  .transform((fields) => ({
    ...fields,
    alarmEmail: fields.alarmEmail ?? fields.notifyEmail,
    approvers: approversOf(fields),
    missedScanHours:
      fields.missedScanHours ?? Math.min(MAX_ALARM_HOURS, 2 * Math.ceil(rateHours(fields.schedule) ?? 0) + 1),
  }));
export type StackConfiguration = z.output<typeof StackConfiguration>;

/** Hours from one scan to the next, at the longest. A cron expression comes with the longest gap. */
export function scanIntervalHours({
  schedule,
  missedScanHours,
}: Pick<StackConfiguration, "schedule" | "missedScanHours">): number {
  return rateHours(schedule) ?? missedScanHours;
}

const list = (text: string) => text.split(",").map((entry) => entry.trim());

/** Context keys of their own that win over the same name in `doubletake`, for `cdk deploy -c`. */
const SHORTCUTS: Readonly<Record<string, (text: string) => unknown>> = {
  notifyEmail: list,
  approvers: list,
  mode: (text) => text,
};

/**
 * Reads the configuration from the CDK context.
 * @throws ConfigError that lists every problem.
 */
export function readConfiguration(node: Node): StackConfiguration {
  const context: unknown = node.tryGetContext("doubletake") ?? {};
  const given = Object.entries(SHORTCUTS).flatMap(([name, read]) => {
    const text: unknown = node.tryGetContext(name);
    return typeof text === "string" ? [[name, read(text)]] : [];
  });
  return parseConfiguration(
    StackConfiguration,
    isObject(context) ? { ...context, ...Object.fromEntries(given) } : context,
    'the CDK context key "doubletake"',
  );
}

/** Each once: somebody who is named twice is one approver. */
function approversOf({
  approvers,
  notifyEmail,
}: {
  readonly approvers?: readonly string[] | undefined;
  readonly notifyEmail: readonly string[];
}): string[] {
  return [...new Set(approvers ?? notifyEmail)];
}

function atLongest(addresses: readonly string[]): string[] {
  return addresses.map((text) => (isToken(text) ? UNKNOWN_ADDRESS : text));
}

function bytesInEnvironment(...values: readonly string[]): number {
  return values.reduce((sum, value) => sum + Buffer.byteLength(JSON.stringify(value)), 0);
}

/** `pick` keeps the schema strict, so only the fields in question are handed to it. */
function isValid(schema: z.ZodObject, value: unknown): boolean {
  if (!isObject(value)) return false;
  const picked = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, value[key]]));
  return schema.safeParse(picked).success;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
