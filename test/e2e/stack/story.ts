// From `cdk bootstrap` to `cdk destroy`: what happens to the stack, in order; each step asserts what it came to.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startEmulator } from "../emulator.ts";
import { decideOnPage, effectIsMeasured } from "./deciding.ts";
import { deployAgainAndDestroy, deployAndLoad } from "./deploying.ts";
import { keepEvidence } from "./evidence.ts";
import { commandLineProves, findingIsTold, scheduleScans } from "./scanning.ts";
import { CACHE, createStage, type Say, type Stage, WAIT_SCALE } from "./stage.ts";
import { startTap } from "./tap.ts";

const EVIDENCE = join(CACHE, "e2e-stack");

/** @returns the exit code. */
export async function runStack(say: Say): Promise<number> {
  rmSync(EVIDENCE, { recursive: true, force: true });
  const tap = await startTap();
  try {
    const emulator = await startEmulator(CACHE, {
      name: "ministack-stack",
      env: {
        SFN_WAIT_SCALE: WAIT_SCALE,
        AWS_ENDPOINT_URL_SNS: tap.url,
      },
    });
    tap.forwardTo(emulator.url);
    say(`emulator on ${emulator.url}`);
    const folder = join(CACHE, "e2e-stack-home");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const stage = createStage(say, emulator, tap, folder);
    try {
      await playStory(stage);
      return 0;
    } catch (error) {
      say(`FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      await keepEvidence(EVIDENCE, { ...stage, mails: tap.mails() });
      say(`logs, executions and mails: ${EVIDENCE}; the emulator's log: ${emulator.logFile}`);
      return 1;
    } finally {
      await emulator.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    await tap.close();
  }
}

async function playStory(stage: Stage): Promise<void> {
  const deployed = await deployAndLoad(stage);
  await commandLineProves(deployed);
  const scanned = await scheduleScans(deployed);
  await findingIsTold(deployed, scanned);
  await decideOnPage(deployed);
  await effectIsMeasured(deployed);
  await deployAgainAndDestroy(deployed);
}
