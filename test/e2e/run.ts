// `npm run e2e`: against an AWS emulator that this project did not write. First the scan, from real messages to proof;
// then the whole stack, from its deployment to the change of a queue. `npm run e2e -- scan` or `-- stack` runs one.
// E2E_ENDPOINT_URL names an endpoint to use instead. Exit codes: 0 all as it must be · 1 a step failed · 77 this
// machine cannot run it (nothing was tested) · 130, 143 interrupted.
import { playScan } from "./scan.ts";
import { playStack } from "./stack/story.ts";
import { InterruptedError, type Run, runSteps } from "./steps.ts";

const PARTS: Readonly<Record<string, (run: Run) => Promise<void>>> = { scan: playScan, stack: playStack };

const PARENT_LOOK_MS = 500;

const interrupted = new Promise<never>((_, reject) => {
  // Later ones are ignored: the run is ending already.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => reject(new InterruptedError(signal)));
  // A signal for npm alone ends npm and the shell that it starts, and reaches nobody else.
  const parent = process.ppid;
  if (process.env["npm_lifecycle_event"] !== undefined)
    setInterval(() => {
      if (process.ppid !== parent) reject(new InterruptedError("SIGTERM"));
    }, PARENT_LOOK_MS).unref();
});
interrupted.catch(() => undefined);

async function main(names: readonly string[]): Promise<number> {
  for (const name of names.length > 0 ? names : Object.keys(PARTS)) {
    const play = PARTS[name];
    if (play === undefined) {
      process.stderr.write(`expected ${Object.keys(PARTS).join(" or ")}, got ${name}\n`);
      return 1;
    }
    process.stdout.write(`--- ${name}\n`);
    const exitCode = await runSteps(play, {
      print: (line) => process.stdout.write(`${line}\n`),
      nowMs: Date.now,
      interrupted,
    });
    if (exitCode !== 0) return exitCode;
  }
  return 0;
}

// An interrupted run may still be waiting for something.
process.exit(await main(process.argv.slice(2)));
