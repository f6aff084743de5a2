// What `doubletake analyze` was asked to do.
import * as z from "zod";
import { ConfigError } from "../core/errors.ts";
import { ScanSettings } from "../core/model/settings.ts";
import { parseConfiguration } from "../core/problems.ts";
import type { Io } from "./io.ts";
import { type OptionTable, type OptionValues, parseArguments } from "./options.ts";
import { FORMATS, type Format } from "./output.ts";
import { FAIL_LEVELS, type FailLevel, readConfigFile, SCAN_OPTIONS } from "./scan-request.ts";
import { parseChoice } from "./values.ts";

export interface AnalyzeRequest {
  /** Files, folders, "-". */
  readonly names: readonly string[];
  /** Contents of the files that hold settings of queues, mappings and functions. */
  readonly queueConfigs: readonly { readonly name: string; readonly text: string }[];
  readonly settings: ScanSettings;
  readonly format: Format;
  readonly failOn: FailLevel;
  readonly quiet: boolean;
}

export const ANALYZE_OPTIONS = {
  "queue-config": {
    type: "string",
    value: "FILE",
    multiple: true,
    help: "JSON that the AWS CLI answered to get-queue-attributes, list-event-source-mappings or get-function-configuration, or a list of such answers. May be repeated.",
  },
  "correlation-field": SCAN_OPTIONS["correlation-field"],
  config: {
    ...SCAN_OPTIONS.config,
    help: "JSON file with settings of the scan; those about logs and timeouts apply here, options win over it.",
  },
  format: SCAN_OPTIONS.format,
  "fail-on": SCAN_OPTIONS["fail-on"],
  quiet: SCAN_OPTIONS.quiet,
} as const satisfies OptionTable;

/** @throws ConfigError */
export async function parseAnalyzeRequest(args: readonly string[], io: Io): Promise<AnalyzeRequest> {
  const { values, operands: names } = parseArguments("analyze", ANALYZE_OPTIONS, args);
  if (names.length === 0) throw new ConfigError('"analyze" needs at least one FILE; "-" is what is piped in');
  return {
    names,
    queueConfigs: await Promise.all((values["queue-config"] ?? []).map((name) => readText(name, io))),
    settings: await readSettings(values, io),
    format: parseChoice("format", values.format ?? "table", FORMATS),
    failOn: parseChoice("fail-on", values["fail-on"] ?? "high", FAIL_LEVELS),
    quiet: values.quiet ?? false,
  };
}

async function readSettings(values: OptionValues<typeof ANALYZE_OPTIONS>, io: Io): Promise<ScanSettings> {
  const fromFile = values.config === undefined ? {} : await readConfigFile(values.config, io);
  const subject = values.config ?? "the options";
  const settings = parseConfiguration(z.strictObject(ScanSettings.shape), fromFile, subject);
  const fields = values["correlation-field"]?.map((name) => ({ name })) ?? [];
  return { ...settings, correlationFields: [...settings.correlationFields, ...fields] };
}

async function readText(name: string, io: Io): Promise<{ name: string; text: string }> {
  try {
    return { name, text: await io.readFile(name) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`cannot read --queue-config ${name}: ${reason}`, { cause: error });
  }
}
