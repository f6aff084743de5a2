// Plays random sequences until an invariant breaks, and then looks for the shortest that breaks it.
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { play } from "./invariant-model.ts";
import { sequences } from "./invariant-model-operations.ts";
import { addSequence, newTally, type Tally } from "./invariant-model-tally.ts";

export interface CheckOptions {
  readonly sequences: number;
  readonly seed: number;
  /** Of a failure, to replay it alone. */
  readonly path?: string;
}

export interface Checked {
  readonly tally: Tally;
  /** What to print; absent when all invariants held. */
  readonly failure?: string;
}

export async function checkInvariants({ sequences: numRuns, seed, path }: CheckOptions): Promise<Checked> {
  const tally = newTally();
  // In Lambda a promise that fails unheard ends the function. Node tells of it once nothing else is to be done.
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  process.on("unhandledRejection", hear);
  const property = fc.asyncProperty(sequences, async (sequence) => {
    const { counts } = await play(sequence);
    await setImmediate();
    const [error] = unheard.splice(0);
    if (error !== undefined) throw new Error("a promise failed unheard", { cause: error });
    addSequence(tally, counts);
  });
  const details = await fc.check(
    property,
    path === undefined ? { numRuns, seed } : { numRuns: 1, seed, path },
  );
  process.off("unhandledRejection", hear);
  if (!details.failed) return { tally };
  const { errorInstance, counterexample, counterexamplePath } = details;
  const [sequence] = counterexample ?? [];
  const error = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  const failure = [
    `an invariant does not hold, seed ${seed}, path ${counterexamplePath}`,
    `replay: npm run test:invariants -- --seed ${seed} --path ${counterexamplePath}`,
    `${error}`,
    `set-up: ${JSON.stringify(sequence?.setup)}`,
    ...(sequence?.operations ?? []).map((operation) => `  ${JSON.stringify(operation)}`),
  ].join("\n");
  return { tally, failure };
}

/** fast-check takes any 32-bit integer. */
export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 31);
