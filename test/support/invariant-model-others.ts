// What other people, and their deployments, do to a queue and what consumes it.
import { IGNORED, type ModelQueue, TEAM } from "./invariant-model-account.ts";
import type { Others } from "./invariant-model-operations.ts";

/** @param ours the value that our latest change of the queue sets, or is to set. */
type Act = (queue: ModelQueue, ours: number) => void;

const ACTS: Readonly<Record<Others, Act>> = {
  lower: (queue) => setSeconds(queue, Math.max(1, Math.floor(queue.seconds / 2))),
  raise: (queue) => setSeconds(queue, Math.min(43_200, queue.seconds + 7)),
  "set ours": (queue, ours) => setSeconds(queue, ours),
  "function timeout": (queue) => {
    queue.functionSeconds += 3;
  },
  redrive: (queue) => {
    queue.maxReceiveCount = queue.maxReceiveCount === null ? 3 : null;
  },
  "delete mapping": (queue) => {
    queue.mapping = "deleted";
  },
  "disable mapping": (queue) => {
    queue.mapping = "Disabled";
  },
  "restore mapping": (queue) => {
    queue.mapping = "Enabled";
  },
  ignore: (queue) => tag(queue, { "doubletake:ignore": IGNORED }),
  observe: (queue) => tag(queue, { "doubletake:mode": "observe" }),
  auto: (queue) => tag(queue, { "doubletake:mode": "auto" }),
  untag: (queue) => {
    queue.tags = queue.tags[TEAM] === undefined ? { [TEAM]: "shop" } : {};
  },
};

function setSeconds(queue: ModelQueue, to: number): void {
  if (to !== queue.seconds) queue.writes.push({ by: "other", from: queue.seconds, to });
  queue.seconds = to;
}

function tag(queue: ModelQueue, tags: Readonly<Record<string, string>>): void {
  queue.tags = { ...queue.tags, ...tags };
}

export const othersChange = (queue: ModelQueue, what: Others, ours: number): void => ACTS[what](queue, ours);
