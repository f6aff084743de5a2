// Changes for the life of one process: the same promises as the table's, for fast tests of many runs.
import type { ApprovalLink, AuditRow, Change } from "../core/model/change.ts";
import type { ChangeLedger } from "../core/ports.ts";

export function createMemoryChangeLedger(): ChangeLedger {
  // Kept as text, so that nobody shares an object with the ledger.
  const changes = new Map<string, string>();
  const links = new Map<string, string>();
  const audits = new Map<string, string[]>();
  /** Ids of changes by the queues whose place they have. */
  const places = new Map<string, string>();
  const tokens = new Map<string, Set<string>>();
  let isPaused = false;

  const readChange = (id: string) => read<Change>(changes.get(id));
  const release = ({ id, queueArn }: Pick<Change, "id" | "queueArn">) => {
    if (places.get(queueArn) === id) places.delete(queueArn);
  };

  return {
    open: async (change) => {
      if (readChange(change.id)?.status === "closed") {
        release(change);
        return undefined;
      }
      const holder = readChange(places.get(change.queueArn) ?? "");
      if (holder !== undefined && holder.status !== "closed") return holder;
      places.set(change.queueArn, change.id);
      changes.set(change.id, JSON.stringify(change));
      return readChange(change.id);
    },
    get: async (changeId) => readChange(changeId),
    save: async (change) => {
      const before = readChange(change.id);
      if (before?.version !== change.version) return false;
      if (before.status === "closed" && change.status !== "closed") return false;
      changes.set(change.id, JSON.stringify({ ...change, version: change.version + 1 }));
      return true;
    },
    release: async (change) => release(change),
    list: async () =>
      [...changes.values()].map((text): Change => JSON.parse(text)).sort((a, b) => a.createdMs - b.createdMs),

    addTaskToken: async (changeId, taskToken) => {
      tokens.set(changeId, (tokens.get(changeId) ?? new Set()).add(taskToken));
    },
    listTaskTokens: async (changeId) => [...(tokens.get(changeId) ?? [])],

    putLink: async (link) => {
      if (!links.has(link.idHash)) links.set(link.idHash, JSON.stringify(link));
    },
    getLink: async (idHash) => read<ApprovalLink>(links.get(idHash)),
    countTry: async (idHash, most) => {
      const link = read<ApprovalLink>(links.get(idHash));
      if (link === undefined || link.tries >= most) return false;
      links.set(idHash, JSON.stringify({ ...link, tries: link.tries + 1 }));
      return true;
    },

    audit: async (row) => {
      const { changeId = "unknown" } = row;
      audits.set(changeId, [...(audits.get(changeId) ?? []), JSON.stringify(row)]);
    },
    listAudit: async (changeId) =>
      (audits.get(changeId) ?? []).map((text): AuditRow => JSON.parse(text)).sort((a, b) => a.atMs - b.atMs),

    isPaused: async () => isPaused,
    setPaused: async (paused) => {
      isPaused = paused;
    },
  };
}

function read<Value>(text: string | undefined): Value | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}
