// What the ledger keeps of one path from scan to scan, so that the ratio has a history to be compared with.
import * as z from "zod";

/**
 * The path's hours, as facts: an hour is known by its start and overwritten, never added to, so that writing the
 * same hour twice changes nothing.
 */
export const RatioBaseline = z.object({
  /** What the ratio depends on in the path's set-up. Another one makes the hours incomparable. */
  setUp: z.string(),
  /** Every hour from here … */
  fromMs: z.number(),
  /** … to here (exclusive) was read; what is not among `hours` had neither messages nor invocations. */
  untilMs: z.number(),
  /** Set when the set-up changed: nothing before it is asked for. */
  restartedMs: z.number().optional(),
  /** [start in hours since the epoch, messages sent, invocations], in order. */
  hours: z.array(z.tuple([z.number().int(), z.number(), z.number()])),
});
export type RatioBaseline = z.infer<typeof RatioBaseline>;
