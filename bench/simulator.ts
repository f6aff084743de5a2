// Speed of the simulated account: `node bench/simulator.ts`. The target is 24 h of 20 paths at one message a
// second in 20 s on two cores, and the default account in 3 s.
import { type CreateAccountOptions, createAccount, DEFAULT_SCENARIOS } from "../simulator/create-account.ts";

const END_MS = Date.UTC(2026, 10, 23, 18);
const WINDOW_MS = 180 * 60_000;
/** With no traffic, or with a rate that is a scenario's point. */
const UNSCALED = new Set(["idle-bad-settings", "disabled-mapping", "draining-backlog", "foreign-queue"]);

function measure(name: string, options: Omit<CreateAccountOptions, "seed" | "endMs">): string {
  const startedMs = performance.now();
  const { account, truth } = createAccount({ seed: 1, endMs: END_MS, ...options });
  const createdMs = performance.now();
  let events = 0;
  for (const group of account.logGroups()) {
    for (const _ of group.events(END_MS - WINDOW_MS, END_MS)) events += 1;
  }
  const renderedMs = performance.now();
  let messages = 0;
  for (const { queueArn } of truth.paths()) {
    messages += truth.summary(queueArn, END_MS - 24 * 3_600_000, END_MS).messages;
  }
  const seconds = (ms: number): string => (ms / 1000).toFixed(1).padStart(6);
  return [
    name.padEnd(34),
    String(truth.paths().length).padStart(5),
    String(messages).padStart(9),
    `${seconds(createdMs - startedMs)} s`,
    `${String(events).padStart(8)} in ${seconds(renderedMs - createdMs)} s`,
    `${String(Math.round(process.memoryUsage().rss / 1e6)).padStart(5)} MB`,
  ].join("  ");
}

process.stdout.write(
  "account                             paths   messages  simulate    log lines of 3 h    memory\n",
);
process.stdout.write(`${measure("default, 24 h", {})}\n`);
const busy = DEFAULT_SCENARIOS.filter((name) => !UNSCALED.has(name)).slice(0, 20);
process.stdout.write(
  `${measure("20 paths, 1 message/s, 24 h", { scenarios: busy, messagesPerSecond: 1 })}\n`,
);
