// From `cdk bootstrap` to `cdk destroy`: what happens to the stack, in order; each step asserts what it came to.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ENDPOINT_VARIABLE, openEndpoint } from "../endpoint.ts";
import { type Run, UnavailableError } from "../steps.ts";
import { decideOnPage, effectIsMeasured } from "./deciding.ts";
import { deployAndLoad, destroy } from "./deploying.ts";
import { keepEvidence } from "./evidence.ts";
import { nothingWasDenied } from "./permissions.ts";
import { commandLineProves, findingIsTold, operatorScans, scheduleScans } from "./scanning.ts";
import { CACHE, createStage, type Stage, WAIT_SCALE } from "./stage.ts";
import { startTap } from "./tap.ts";

const EVIDENCE = join(CACHE, "e2e-stack");

export async function playStack(run: Run): Promise<void> {
  rmSync(EVIDENCE, { recursive: true, force: true });
  const folder = join(CACHE, "e2e-stack-home");
  rmSync(folder, { recursive: true, force: true });
  run.lifetime.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  mkdirSync(folder, { recursive: true });
  const stage = await run.step("the endpoint answers", () => openStage(run, folder));
  run.onFailure(() => keepEvidence(EVIDENCE, stage));
  const deployed = await deployAndLoad(stage);
  await commandLineProves(deployed);
  const scheduledTime = await scheduleScans(deployed);
  await findingIsTold(deployed, scheduledTime);
  await operatorScans(deployed, scheduledTime);
  await decideOnPage(deployed);
  await effectIsMeasured(deployed);
  await nothingWasDenied(deployed);
  await destroy(deployed);
}

async function openStage(run: Run, folder: string): Promise<Stage> {
  const endpoint = await openEndpoint(run, {
    cacheFolder: CACHE,
    name: "ministack-stack",
    env: { AUTH: "true" },
  });
  if (!endpoint.isMiniStack) {
    throw new UnavailableError(
      `${ENDPOINT_VARIABLE} is no MiniStack: the approval mails could not be read, and the waits would take an hour`,
    );
  }
  const tap = await startTap(endpoint.url);
  run.lifetime.add(() => tap.close());
  await scaleWaits(endpoint.url, WAIT_SCALE);
  if (!endpoint.isOurs) run.lifetime.add(() => scaleWaits(endpoint.url, 1));
  return createStage(run, endpoint, tap, folder);
}

async function scaleWaits(url: string, scale: number): Promise<void> {
  const key = "stepfunctions._SFN_WAIT_SCALE";
  const response = await fetch(`${url}/_ministack/config`, {
    method: "POST",
    body: JSON.stringify({ [key]: scale }),
  });
  const { applied } = (await response.json()) as { applied?: Record<string, number> };
  if (applied?.[key] !== scale)
    throw new Error(`the emulator did not take ${key}: ${JSON.stringify(applied)}`);
}
