// What the benchmark prints.
import { textTable } from "../accuracy/text-table.ts";
import type { Generated } from "./generate.ts";
import type { Contestant, Result } from "./race.ts";

export interface Round {
  readonly generated: Generated;
  /** null: not installed. */
  readonly results: ReadonlyMap<Contestant, Result | null>;
}

const LABELS: Readonly<Record<Contestant, string>> = {
  doubletake: "doubletake",
  duckdb: "DuckDB",
  jq: "jq | sort | uniq",
  read: "(reading the file)",
};
const TITLES = ["", "wall s", "CPU s", "CPU ns/event", "CPU ratio", "peak MB", "messages", "redelivered"];

/** One table a size. */
export function roundLines({ generated, results }: Round): string[] {
  const { events, bytes, invocations, messages, deliveries, redelivered } = generated;
  const own = results.get("doubletake")?.cost.cpuMs;
  const rows = [...results].map(([contestant, result]) => {
    if (result === null) return [LABELS[contestant], "not installed"];
    const { answer, cost } = result;
    const asked = contestant !== "read";
    return [
      LABELS[contestant],
      seconds(cost.wallMs),
      seconds(cost.cpuMs),
      count(Math.round((cost.cpuMs * 1e6) / events)),
      own === undefined ? "–" : (cost.cpuMs / own).toFixed(2),
      cost.peakBytes === null ? "–" : count(Math.round(cost.peakBytes / 1e6)),
      asked ? count(answer.messages) : "–",
      asked ? count(answer.redelivered) : "–",
    ];
  });
  return [
    `${count(events)} events (${count(Math.round(bytes / 1e6))} MB) of ${count(invocations)} invocations: ` +
      `${count(messages)} messages, ${count(deliveries)} deliveries, ${count(redelivered)} messages delivered again`,
    ...textTable([TITLES, ...rows]),
    ...causeLines(results.get("doubletake")),
  ];
}

/** What only one of them answers. */
function causeLines(result: Result | null | undefined): string[] {
  const causes = Object.entries(result?.answer.causes ?? {}).sort(([, a], [, b]) => b - a);
  if (causes.length === 0) return [];
  return [`causes (doubletake only): ${causes.map(([cause, n]) => `${cause} ${count(n)}`).join(", ")}`];
}

/** Contestants whose answer is not what was written into the file. */
export function wrongAnswers({ generated, results }: Round): string[] {
  return [...results].flatMap(([contestant, result]) => {
    if (result === null || contestant === "read") return [];
    return (["messages", "deliveries", "redelivered"] as const)
      .filter((key) => result.answer[key] !== generated[key])
      .map((key) => `${LABELS[contestant]}: expected ${generated[key]} ${key}, got ${result.answer[key]}`);
  });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function count(n: number): string {
  return n.toLocaleString("en-US");
}
