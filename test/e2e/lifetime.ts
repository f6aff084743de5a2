// What nothing may be left of, however a run ends: processes, servers, folders.

export interface Lifetime {
  /** @returns forgets it again, once it has been undone by other means. */
  add(undo: () => unknown): () => void;
  /** Undoes everything, the youngest first. What fails keeps nothing else from being undone. */
  end(): Promise<void>;
}

export function createLifetime(): Lifetime {
  const undos: (() => unknown)[] = [];
  let ended = false;
  return {
    add: (undo) => {
      // An interrupted run may still start something.
      if (ended)
        void Promise.resolve()
          .then(undo)
          .catch(() => undefined);
      else undos.push(undo);
      return () => {
        const at = undos.indexOf(undo);
        if (at !== -1) undos.splice(at, 1);
      };
    },
    end: async () => {
      ended = true;
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
        await Promise.resolve()
          .then(undo)
          .catch(() => undefined);
      }
    },
  };
}
