import type { Advice } from "../../model/finding.ts";
import { lines } from "./context.ts";
import { type IdempotencyKey, KEY_WORDS } from "./idempotency-key.ts";

/** The same idempotency for an effect in PostgreSQL: one statement, so mark and effect stand or fall together. */
export const sqlOnConflict = (key: IdempotencyKey): Advice => ({
  kind: "sql-on-conflict",
  summary: `In PostgreSQL: insert ${KEY_WORDS[key].name} with ON CONFLICT DO NOTHING, and make the change only when the row was new, in one statement.`,
  patch: {
    sql: lines(
      "-- once: CREATE TABLE processed (id text PRIMARY KEY)",
      "WITH first_time AS (",
      "  INSERT INTO processed (id) VALUES ($1) ON CONFLICT (id) DO NOTHING RETURNING id",
      ")",
      "UPDATE accounts SET balance = balance - $2",
      "WHERE id = $3 AND EXISTS (SELECT 1 FROM first_time);",
    ),
  },
});
