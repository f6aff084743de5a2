// What the operator may set: the context key `doubletake` in cdk.json, and the shortcut `-c notifyEmail=…`.
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";
import { ScanSettings } from "../core/model/settings.ts";
import { parseConfiguration } from "../core/problems.ts";
import { isCron, rateHours } from "./schedule-expression.ts";

/** CloudWatch looks back seven days at most. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const MAX_ALARM_HOURS = 7 * 24;

/** Lambda keeps 4 KB of environment; the rest is for names and ARNs. */
const MAX_SETTINGS_BYTES = 3500;

const retentionDays = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === "number" && days !== RetentionDays.INFINITE,
);

const Fields = z.strictObject({
  ...ScanSettings.shape,
  /** Who gets the digest. Each address must confirm the subscription that AWS mails to it. */
  notifyEmail: z.array(z.email()).default([]),
  /** Who is told that Doubletake itself is in trouble; absent = those of `notifyEmail`. */
  alarmEmail: z.array(z.email()).optional(),
  /** EventBridge Scheduler expression, in UTC. */
  schedule: z
    .string()
    .refine((text) => rateHours(text) !== undefined || isCron(text), {
      error: "a schedule such as rate(3 hours) or cron(0 6 * * ? *)",
    })
    .default("rate(3 hours)"),
  /** An alarm rings after this many hours without a finished scan; absent = twice the rate and one hour more. */
  missedScanHours: z.number().int().min(2).max(MAX_ALARM_HOURS).optional(),
  /** The other two words are known, but nothing in this version changes a queue. */
  mode: z
    .enum(["observe", "approve", "auto"])
    .refine((mode) => mode === "observe", {
      error: '"observe" (this version proposes changes and applies none)',
    })
    .default("observe"),
  logRetentionDays: z.literal(retentionDays).default(RetentionDays.ONE_MONTH),
  terminationProtection: z.boolean().default(false),
});

const Coverage = Fields.pick({ schedule: true, lookbackMinutes: true });
const Alarm = Fields.pick({ schedule: true, missedScanHours: true });

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
      const bytes = Buffer.byteLength(JSON.stringify(ScanSettings.parse(fields)));
      if (bytes > MAX_SETTINGS_BYTES) {
        context.addIssue({
          code: "custom",
          message: `at most ${MAX_SETTINGS_BYTES} bytes of patterns and settings in all, for Lambda's environment`,
          input: bytes,
        });
      }
    },
    { when: ({ value }) => ScanSettings.safeParse(value).success },
  )
  .transform((fields) => ({
    ...fields,
    alarmEmail: fields.alarmEmail ?? fields.notifyEmail,
    missedScanHours:
      fields.missedScanHours ?? Math.min(MAX_ALARM_HOURS, 2 * Math.ceil(rateHours(fields.schedule) ?? 0) + 1),
  }));
export type StackConfiguration = z.output<typeof StackConfiguration>;

/**
 * Reads the configuration from the CDK context.
 *
 * @throws ConfigError that lists every problem.
 */
export function readConfiguration(node: Node): StackConfiguration {
  const context: unknown = node.tryGetContext("doubletake") ?? {};
  const notifyEmail: unknown = node.tryGetContext("notifyEmail");
  return parseConfiguration(
    StackConfiguration,
    typeof notifyEmail === "string" && isObject(context)
      ? { ...context, notifyEmail: notifyEmail.split(",").map((address) => address.trim()) }
      : context,
    'the CDK context key "doubletake"',
  );
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
