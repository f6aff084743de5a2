// The same question as a pipe of `jq`, `sort` and `uniq`, the way it is asked on a laptop.
import { UUID } from "../../core/correlate/patterns.ts";
import { MESSAGE_ID, STARTED_REQUEST } from "./expressions.ts";

/** Prints `<message id> <request id>` for each id in a line; the state is the open invocation of each stream. */
const PROGRAM = `
  foreach inputs as $event ({};
    if $event.message | test("RequestId: |platform.start")
    then .[$event.logStream] = (($event.message | capture($started) | .id) // .[$event.logStream])
    else . end;
    .[$event.logStream] as $request
    | $event.message | select(contains("essage")) | scan($id) | "\\(.[0]) \\($request)")`;

/** Its last line is `<messages> <deliveries> <redelivered>`. */
const PIPELINE = `
  jq --null-input --raw-output --arg started "$STARTED" --arg id "$ID" "$PROGRAM" "$FILE" |
  LC_ALL=C sort --unique | cut --delimiter=" " --fields=1 | uniq --count |
  awk '{ deliveries += $1; if ($1 > 1) redelivered += 1 } END { print NR, deliveries, redelivered + 0 }'`;

/** What to run for a file, and with which variables. */
export function jqPipeline(path: string): { readonly script: string; readonly env: Record<string, string> } {
  const env = {
    STARTED: `${STARTED_REQUEST}(?<id>${UUID})`,
    ID: `${MESSAGE_ID}(${UUID})`,
    PROGRAM,
    FILE: path,
  };
  return { script: PIPELINE, env };
}
