// One contestant in a process of its own: `node correlate-contestant.ts doubletake|duckdb|read FILE`. Prints its answer
// and what it took as one line of JSON.
import { readPages } from "./correlate/read-lines.ts";

const NOTHING = { messages: 0, deliveries: 0, redelivered: 0 };

/** Only reads and parses the file: what of a contestant's time is not its own. */
function read(path: string): typeof NOTHING {
  for (const page of readPages(path)) for (const text of page) JSON.parse(text);
  return NOTHING;
}

const [name, path = ""] = process.argv.slice(2);
const contestant =
  name === "duckdb"
    ? (await import("./correlate/duckdb.ts")).answer
    : name === "doubletake"
      ? (await import("./correlate/doubletake.ts")).answer
      : read;
const answer = await contestant(path);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cost = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: maxRSS * 1024 };
process.stdout.write(`${JSON.stringify({ answer, cost })}\n`);
