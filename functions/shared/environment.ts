// What the functions are told through their environment variables.
import * as z from "zod";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import { parseConfiguration } from "../../core/problems.ts";

/** Settings as one JSON text: lists and patterns have no good form as variables of their own. */
function settingsJson<Shape extends z.ZodRawShape>(settings: z.ZodObject<Shape>, what: string) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.issues.push({ code: "custom", message: `JSON with ${what}`, input: text });
        return z.NEVER;
      }
    })
    .pipe(z.strictObject(settings.shape));
}

export const LedgerEnv = z.object({
  /** Name of the ledger table. */
  LEDGER_TABLE: z.string().min(1),
});

export const ScanEnv = LedgerEnv.extend({ SETTINGS: settingsJson(ScanSettings, "the scan's settings") });

/** Of the states that decide on changes. */
export const ChangeEnv = ScanEnv.extend({
  CHANGE_SETTINGS: settingsJson(ChangeSettings, "the settings of changes"),
});

/**
 * Parses the environment once, when the function loads.
 * @throws ConfigError that lists every problem in one message.
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  return parseConfiguration(schema, environment, "the environment of the function");
}
