// Schemas of single parameters. The JSON protocols send numbers and epoch seconds where the Query protocol
// and URLs send text, so each schema takes both.
import * as z from "zod";

/** A whole number, or its decimal text. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  return z.union([
    z.int().min(min).max(max),
    z
      .string()
      .regex(/^-?\d{1,15}$/, "expected a whole number")
      .transform(Number)
      .pipe(z.int().min(min).max(max)),
  ]);
}

export const flag: z.ZodType<boolean> = z.union([
  z.boolean(),
  z.enum(["true", "false"]).transform((text) => text === "true"),
]);

/** A point in time, given as epoch seconds or as ISO 8601 text, in epoch milliseconds. */
export const timeMs: z.ZodType<number> = z.union([
  z.number().transform((seconds) => Math.round(seconds * 1000)),
  z.string().transform((text, context) => {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) {
      context.addIssue("expected an ISO 8601 time");
    }
    return ms;
  }),
]);
