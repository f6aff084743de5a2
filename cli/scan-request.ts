// What `doubletake scan` was asked to do: the command line over the configuration file over the defaults.
import * as z from "zod";
import { ConfigError } from "../core/errors.ts";
import type { FindingDocument, Severity } from "../core/model/finding.ts";
import { METRICS_SETTLE_MINUTES, ScanSettings } from "../core/model/settings.ts";
import { parseConfiguration } from "../core/problems.ts";
import { EXIT, type Io } from "./io.ts";
import { type OptionTable, type OptionValues, parseOptions } from "./options.ts";
import { FORMATS, type Format } from "./output.ts";
import { parseChoice, parseMinutes, parsePositive, parseTime, parseUrl } from "./values.ts";

/** Weakest last; "never" makes exit code 1 impossible. */
export const FAIL_LEVELS = ["critical", "high", "medium", "low", "never"] as const;
export type FailLevel = (typeof FAIL_LEVELS)[number];

const MINUTE_MS = 60_000;

export interface ScanRequest {
  readonly settings: ScanSettings;
  /** The moment that the scan is about; the window ends `settings.settleMinutes` before it. */
  readonly scheduledTimeMs: number;
  readonly region?: string;
  readonly profile?: string;
  readonly endpointUrl?: string;
  readonly format: Format;
  readonly failOn: FailLevel;
  readonly quiet: boolean;
}

export const SCAN_OPTIONS = {
  region: { type: "string", value: "NAME", help: "AWS Region; default: as the AWS CLI finds it." },
  profile: { type: "string", value: "NAME", help: "Profile of the AWS configuration files." },
  "endpoint-url": {
    type: "string",
    value: "URL",
    help: "Where all AWS services are, e.g. a simulated account.",
  },
  lookback: { type: "string", value: "TIME", help: "Length of the window: 90m, 3h, 2d. Default: 3h." },
  until: {
    type: "string",
    value: "TIME",
    help: 'End of the window: ISO 8601, or "now". Default: 20 minutes ago, because metrics arrive late.',
  },
  queue: {
    type: "string",
    value: "PATTERN",
    multiple: true,
    help: "Only queues, and functions without one, whose name matches, e.g. 'orders-*'. May be repeated.",
  },
  exclude: { type: "string", value: "PATTERN", multiple: true, help: "Not these. May be repeated." },
  "no-async": {
    type: "boolean",
    help: "Leave out functions that SNS, S3 or EventBridge invoke directly, with no queue between.",
  },
  "correlation-field": {
    type: "string",
    value: "NAME",
    multiple: true,
    help: "A field that your functions log and that names one piece of work, e.g. orderId. May be repeated.",
  },
  "max-log-gb": {
    type: "string",
    value: "GB",
    help: "Logs that Logs Insights may read, about $0.005 a GB. Default: 5.",
  },
  "no-logs": {
    type: "boolean",
    help: "Read no logs at all: numbers and settings only, nothing can be proven.",
  },
  config: {
    type: "string",
    value: "FILE",
    help: "JSON file with any of the scan's settings; options win over it.",
  },
  format: { type: "string", value: "FORMAT", help: "table, json or markdown. Default: table." },
  "fail-on": {
    type: "string",
    value: "LEVEL",
    help: "Exit with 1 from this severity on: critical, high, medium, low, never. Default: high.",
  },
  quiet: { type: "boolean", help: "No progress on stderr." },
} as const satisfies OptionTable;

/** @throws ConfigError */
export async function parseScanRequest(args: readonly string[], io: Io): Promise<ScanRequest> {
  const values = parseOptions("scan", SCAN_OPTIONS, args);
  const endpointUrl = values["endpoint-url"];
  const end = windowEnd(values.until, io);
  return {
    settings: await readSettings(values, end.settleMinutes, io),
    scheduledTimeMs: end.scheduledTimeMs,
    ...(values.region === undefined ? {} : { region: values.region }),
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    ...(endpointUrl === undefined ? {} : { endpointUrl: parseUrl("endpoint-url", endpointUrl) }),
    format: parseChoice("format", values.format ?? "table", FORMATS),
    failOn: parseChoice("fail-on", values["fail-on"] ?? "high", FAIL_LEVELS),
    quiet: values.quiet ?? false,
  };
}

/** True when a finding is as severe as the level, or more. */
export function reaches(severity: Severity, level: FailLevel): boolean {
  return level !== "never" && FAIL_LEVELS.indexOf(severity) <= FAIL_LEVELS.indexOf(level);
}

/** What scan and analyze end with once they have a document. */
export function exitCodeOf({ findings }: FindingDocument, level: FailLevel): number {
  return findings.some(({ severity }) => reaches(severity, level)) ? EXIT.findings : EXIT.ok;
}

async function readSettings(
  values: OptionValues<typeof SCAN_OPTIONS>,
  settleMinutes: number | undefined,
  io: Io,
): Promise<ScanSettings> {
  const fromFile = values.config === undefined ? {} : await readConfigFile(values.config, io);
  const fields = values["correlation-field"]?.map((name) => ({ name })) ?? [];
  const maxLogGb = values["max-log-gb"];
  const merged = {
    ...fromFile,
    ...(values.lookback === undefined ? {} : { lookbackMinutes: parseMinutes("lookback", values.lookback) }),
    ...(settleMinutes === undefined ? {} : { settleMinutes }),
    ...(values.queue === undefined ? {} : { includeQueues: values.queue }),
    ...(values.exclude === undefined ? {} : { excludeQueues: values.exclude }),
    ...(maxLogGb === undefined ? {} : { maxLogBytes: parsePositive("max-log-gb", maxLogGb) * 1e9 }),
    ...(values["no-logs"] === true ? { readLogs: false } : {}),
    ...(values["no-async"] === true ? { asyncSources: false } : {}),
  };
  const subject = values.config === undefined ? "the options" : `${values.config} and the options`;
  const settings = parseConfiguration(z.strictObject(ScanSettings.shape), merged, subject);
  return { ...settings, correlationFields: [...settings.correlationFields, ...fields] };
}

export async function readConfigFile(path: string, io: Io): Promise<object> {
  let content: unknown;
  try {
    content = JSON.parse(await io.readFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`cannot read the configuration file ${path}: ${reason}`, { cause: error });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError(`${path}: expected a JSON object with settings, got ${JSON.stringify(content)}`);
  }
  return content;
}

/**
 * Whoever names the end of the window means that moment. How long ago it was says whether its metrics have settled,
 * so the scan is scheduled that long after it.
 */
function windowEnd(
  until: string | undefined,
  io: Io,
): { readonly scheduledTimeMs: number; readonly settleMinutes?: number } {
  const nowMs = io.nowMs();
  if (until === undefined) return { scheduledTimeMs: nowMs };
  const untilMs = until === "now" ? nowMs : parseTime("until", until);
  if (untilMs > nowMs) throw new ConfigError(`--until: expected a time that has passed, got "${until}"`);
  const settleMinutes = Math.min(Math.floor((nowMs - untilMs) / MINUTE_MS), METRICS_SETTLE_MINUTES);
  return { scheduledTimeMs: untilMs + settleMinutes * MINUTE_MS, settleMinutes };
}
