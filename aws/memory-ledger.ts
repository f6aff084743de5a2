// The ledger of a scan from a laptop: the same promises as the table's, for the life of one process.
import type { FindingState } from "../core/model/finding.ts";
import type { Ledger } from "../core/ports.ts";

export function createMemoryLedger(): Ledger {
  const owners = new Map<string, string>();
  const documents = new Map<string, Map<string, string>>();
  const grants = new Map<string, Map<string, number>>();
  const findings = new Map<string, string>();
  const baselines = new Map<string, string>();
  const notifications = new Map<string, "unfinished" | "done">();

  return {
    claimScan: async ({ scanId, owner }) => {
      const holder = owners.get(scanId) ?? owner;
      owners.set(scanId, holder);
      return holder === owner;
    },

    // Kept as text, so that nobody shares an object with the ledger.
    putDocument: async (scanId, key, value) => {
      of(documents, scanId).set(key, JSON.stringify(value));
    },
    getDocument: async (scanId, key) => {
      const text = of(documents, scanId).get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    listDocumentKeys: async (scanId, prefix) =>
      [...of(documents, scanId).keys()].filter((key) => key.startsWith(prefix)).sort(),

    reserve: async (scanId, holder, wanted, budget) => {
      const granted = of(grants, scanId);
      const before = granted.get(holder);
      if (before !== undefined) return before;
      const total = [...granted.values()].reduce((sum, grant) => sum + grant, 0);
      const grant = Math.max(0, Math.min(Math.floor(wanted), Math.floor(budget) - total));
      granted.set(holder, grant);
      return grant;
    },

    listFindingStates: async () => [...findings.values()].map((text): FindingState => JSON.parse(text)),
    putFindingStates: async (states) => {
      for (const state of states) findings.set(state.id, JSON.stringify(state));
    },

    getBaseline: async (queueArn) => {
      const text = baselines.get(queueArn);
      return text === undefined ? undefined : JSON.parse(text);
    },
    putBaseline: async (queueArn, baseline) => {
      baselines.set(queueArn, JSON.stringify(baseline));
    },

    claimNotification: async (scanId) => {
      const state = notifications.get(scanId);
      if (state === undefined) notifications.set(scanId, "unfinished");
      return state ?? "claimed";
    },
    releaseNotification: async (scanId) => {
      if (notifications.get(scanId) === "unfinished") notifications.delete(scanId);
    },
    markNotified: async (scanId) => {
      notifications.set(scanId, "done");
    },
  };
}

function of<Value>(maps: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const map = maps.get(key) ?? new Map<string, Value>();
  maps.set(key, map);
  return map;
}
