// `doubletake scan` as a person runs it: from real messages to the proof that some were processed twice.
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FindingDocument } from "../../core/model/finding.ts";
import { deployRoles } from "./consumer-stack.ts";
import { type Endpoint, openEndpoint } from "./endpoint.ts";
import { findProblems } from "./expectations.ts";
import { type CommandPlace, type CommandResult, doubletake, ROOT } from "./stack/command.ts";
import type { Run } from "./steps.ts";
import {
  type Clients,
  createClients,
  createWorkload,
  produceOverlaps,
  RECEIPTS,
  removeWorkload,
  sendMessages,
  type Workload,
} from "./workload.ts";

const MESSAGES = 6;
/** Where Lambda polls by itself: until deliveries have overlapped, and their lines can be queried. */
const ATTEMPTS = 10;
const BETWEEN_ATTEMPTS_MS = 60_000;

export async function playScan(run: Run): Promise<void> {
  const { lifetime, step, say } = run;
  const cacheFolder = join(ROOT, ".cache");
  const folder = join(cacheFolder, "e2e-scan-home");
  lifetime.add(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });

  const endpoint = await step("the endpoint answers", () =>
    openEndpoint(run, { cacheFolder, name: "ministack" }),
  );
  const place: CommandPlace = { folder, env: endpoint.clientEnv, lifetime, said: [] };
  run.onFailure(async () => [
    ...place.said.map(({ command, exitCode, stdout, stderr }) =>
      [`--- ${command}: exit code ${exitCode}`, stderr, stdout.slice(-20_000)].join("\n"),
    ),
    `the emulator's log: ${endpoint.logFile ?? "where it was started"}`,
  ]);
  const clients = createClients(endpoint.clientOptions);
  const workload = await step(
    "a queue with a 2 s visibility timeout, a consumer that takes 5 s, and a mapping",
    async () => {
      const roleArn =
        endpoint.isMiniStack && !endpoint.enforcesIam
          ? `arn:aws:iam::${endpoint.account}:role/consumer`
          : (await deployRoles(endpoint, place)).ConsumerRoleArn;
      const created = await createWorkload(clients, RECEIPTS, roleArn);
      if (!endpoint.isOurs) lifetime.add(() => removeWorkload(clients, created));
      return created;
    },
  );
  await step("messages are delivered twice", () => deliver(endpoint, clients, workload, say));
  await step("doubletake scan proves it", async () => {
    for (let attempts = endpoint.isMiniStack ? 1 : ATTEMPTS; ; attempts -= 1) {
      const problems = await problemsOfScan(endpoint, place, workload, say);
      if (problems.length === 0) return;
      if (attempts <= 1) assert.fail(problems.join("\n"));
      say(`not yet: ${problems[0]}`);
      await pause(BETWEEN_ATTEMPTS_MS);
    }
  });
}

async function deliver(
  { isMiniStack }: Endpoint,
  clients: Clients,
  workload: Workload,
  say: Run["say"],
): Promise<void> {
  if (!isMiniStack) {
    await sendMessages(clients, workload, MESSAGES);
    return say(`${MESSAGES} messages sent; Lambda's own pollers deliver them`);
  }
  const load = { messages: MESSAGES, pollers: 4, durationMs: 14_000 };
  const invocations = await produceOverlaps(clients, workload, load);
  say(`${MESSAGES} messages sent; our pollers invoked the consumer ${invocations} times`);
}

async function problemsOfScan(
  { url }: Endpoint,
  place: CommandPlace,
  workload: Workload,
  say: Run["say"],
): Promise<readonly string[]> {
  const { exitCode, stdout } = await scanFromLaptop(url, place);
  const expected = exitCode === 1 ? [] : [`expected exit code 1 (findings), got ${exitCode}`];
  try {
    return [...expected, ...findProblems(FindingDocument.parse(JSON.parse(stdout)), workload, say)];
  } catch (error) {
    return [...expected, `stdout is not a finding document: ${String(error).slice(0, 500)}`];
  }
}

/** Of the last ten minutes. */
export function scanFromLaptop(url: string, place: CommandPlace): Promise<CommandResult> {
  const until = new Date().toISOString();
  const args = ["scan", "--endpoint-url", url, "--lookback", "10m", "--until", until, "--format", "json"];
  return doubletake(args, place);
}
