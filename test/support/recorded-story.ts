// Everything that can happen to a stack and takes calls of its own: what is here nowhere is allowed to no function.
import type { Template } from "aws-cdk-lib/assertions";
import { SAMPLE_TAG } from "../../core/detect/sampling.ts";
import type { Change } from "../../core/model/change.ts";
import { MODE_TAG } from "../../core/remediate/queue-policy.ts";
import type { Scenario } from "../../simulator/scenarios/path-spec.ts";
import type { Fault } from "../../simulator/server.ts";
import { formEvent, urlEvent } from "./function-url.ts";
import type { RecordedCalls } from "./recorded-calls.ts";
import { type RecordedStack, type SimulatedStacks, simulateStacks } from "./recorded-stack.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PRINCIPAL = "arn:aws:iam::123456789012:user/ada";

/** Makes the account so large that listing it takes fewer calls than asking one by one. */
const idle: Scenario = {
  name: "idle",
  description: "Nothing is sent.",
  causes: [],
  planExpected: false,
  build: () => ({
    queue: { visibilityTimeoutSeconds: 60 },
    producers: [],
    consumers: [{ timeoutSeconds: 10, work: { medianMs: 100 }, shape: "go-v" }],
  }),
};
const SCENARIOS = [
  "visibility-expired",
  "throttled",
  "several-consumers",
  "async-source-retry",
  ...Array.from({ length: 12 }, () => idle),
];

/** Calls by function, of each stack. */
export interface RecordedStory {
  readonly changing: RecordedCalls;
  readonly observing: RecordedCalls;
}

/** @param templates `changing`: one of the mode `auto` with sampling, `observing`: one of the mode `observe`. */
export async function recordStory(templates: {
  readonly changing: Template;
  readonly observing: Template;
}): Promise<RecordedStory> {
  const world = await simulateStacks({ seed: 1, hours: 6, scenarios: SCENARIOS });
  try {
    const stack = await world.deploy(templates.changing);
    const observer = await world.deploy(templates.observing);
    await call(stack, "Approvals", { action: "pause", principal: PRINCIPAL });
    for (const one of [observer, stack]) await scanInTrouble(world, one);
    await call(stack, "Approvals", { action: "resume", principal: PRINCIPAL });
    await beginAgain(world);
    const proposed = await approveOnPage(world, stack);
    await undo(world, observer, stack);
    await reject(world, stack);
    await rollBack(world, stack);
    await closeHalfWay(world, stack, proposed);
    await stack.ended();
    return { changing: stack.calls, observing: observer.calls };
  } finally {
    await world.server.close();
  }
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected it to be there");
  return value;
}

const pathOf = ({ truth }: SimulatedStacks, scenario: string) =>
  present(truth.paths().find((path) => path.scenario === scenario));

function queueUrlOf(world: SimulatedStacks, scenario: string): string {
  const { queueArn } = pathOf(world, scenario);
  return present(world.account.queues().find(({ arn }) => arn === queueArn)).url;
}

function call({ functions }: RecordedStack, name: string, event: unknown): Promise<unknown> {
  const handler = functions[name];
  if (handler === undefined) throw new Error(`expected a function ${name}`);
  return handler(event);
}

/** One try more, which is what a workflow does after a message that could not be sent. */
const insist = (stack: RecordedStack, name: string, event: unknown) =>
  call(stack, name, event).catch(() => call(stack, name, event));

const pass = ({ account }: SimulatedStacks, ms: number) => account.advanceTo(account.nowMs() + ms);

const setTimeoutOf = ({ account }: SimulatedStacks, { plan }: Change, seconds: number) =>
  account.setAttributes(plan.queueUrl, { VisibilityTimeout: String(seconds) });

async function onlyChange({ changes }: SimulatedStacks): Promise<Change> {
  const [change, ...others] = await changes.list();
  if (change === undefined || others.length > 0) throw new Error("expected one change");
  return change;
}

/** The next scan finds everything new, and its changes get names that no execution has had. */
async function beginAgain(world: SimulatedStacks): Promise<void> {
  await world.forgetAll();
  pass(world, MINUTE_MS);
}

/** Nothing can be listed, no query finds room at first, one never ends, and a queue may be sampled. */
async function scanInTrouble(world: SimulatedStacks, stack: RecordedStack): Promise<void> {
  const { account, server } = world;
  const [functionArn] = pathOf(world, "throttled").functionArns;
  const { logGroup } = present(account.functions().find(({ arn }) => arn === functionArn));
  const sampled = queueUrlOf(world, "several-consumers");
  account.tagQueue(sampled, { [SAMPLE_TAG]: "true" });
  account.sendMessage(sampled, { body: "{}" });
  const faults: Fault[] = [
    { kind: "throttle", operation: "lambda:ListFunctions" },
    { kind: "throttle", operation: "sqs:ListQueues" },
    { kind: "throttle", operation: "tag:GetResources" },
    { kind: "throttle", operation: "logs:StartQuery", times: 8 },
    { kind: "query-hangs", logGroup },
  ];
  for (const fault of faults) server.faults.add(fault);
  await stack.scan();
  for (const fault of faults) server.faults.remove(fault);
  pass(world, MINUTE_MS);
}

/** Proposed by a schedule that delivers twice, looked at, approved at the second try, applied and watched. */
async function approveOnPage(world: SimulatedStacks, stack: RecordedStack): Promise<Change> {
  await stack.scan();
  const { linkId, code } = await stack.request();
  await stack.scan();
  const change = await onlyChange(world);
  await call(stack, "Approvals", { action: "list" });
  await call(stack, "Approvals", { action: "show", changeId: change.id });
  await call(stack, "Approvals", urlEvent({ path: `/${linkId}` }));
  for (const tried of ["WRONGONE", code]) {
    const fields = { verdict: "approve", code: tried, plan: change.plan.hash };
    await call(stack, "Approvals", formEvent(`/${linkId}`, fields));
  }
  await stack.ended();
  return change;
}

/** A deployment sets the queue back, and each stack tells of it as the first. */
async function undo(world: SimulatedStacks, ...stacks: readonly RecordedStack[]): Promise<void> {
  const { undoneToldScanId: _, ...change } = await onlyChange(world);
  setTimeoutOf(world, change, change.plan.from);
  pass(world, HOUR_MS);
  for (const stack of stacks) {
    const { version } = await onlyChange(world);
    await world.changes.save({ ...change, version });
    await stack.scan();
    pass(world, HOUR_MS);
  }
  await beginAgain(world);
}

async function reject(world: SimulatedStacks, stack: RecordedStack): Promise<void> {
  await stack.scan();
  await stack.request();
  const { id: changeId } = await onlyChange(world);
  const decision = { action: "reject", changeId, principal: PRINCIPAL, reason: "load test" };
  await call(stack, "Approvals", decision);
  await stack.ended();
  await beginAgain(world);
}

/** Applied without asking, and found worse: no message may be as old as any is. */
async function rollBack(world: SimulatedStacks, stack: RecordedStack): Promise<void> {
  const { account, changes } = world;
  account.tagQueue(queueUrlOf(world, "visibility-expired"), { [MODE_TAG]: "auto" });
  stack.whileObserved(async () => {
    const change = await onlyChange(world);
    await changes.save({ ...change, bounds: { ...change.bounds, oldestMessageAgeSeconds: -1 } });
  });
  await stack.scan();
  await stack.ended();
  present((await onlyChange(world)).rollBack);
}

/** What each function closes on its own, because somebody else came in between. */
async function closeHalfWay(world: SimulatedStacks, stack: RecordedStack, proposed: Change): Promise<void> {
  const { changes } = world;
  const { id: changeId, plan } = proposed;
  const [atMs, other] = [world.nowMs(), plan.from + 15];
  const applied = { status: "applied", appliedMs: atMs } as const;
  const observation = { startMs: atMs, endMs: atMs + HOUR_MS };
  const closings: readonly { name: string; given: Partial<Change>; event?: object; seconds?: number }[] = [
    { name: "Revalidate", given: { status: "proposed" }, seconds: other },
    { name: "ConcludeApproval", given: { approval: { ...present(proposed.approval), expiresMs: atMs } } },
    { name: "Apply", given: { status: "approved" }, event: { action: "apply" }, seconds: other },
    { name: "Confirm", given: applied, seconds: other },
    { name: "PrepareEffect", given: { ...applied, status: "confirmed", observation }, seconds: other },
    { name: "Close", given: applied, event: { error: { Error: "TransientError", Cause: "" } } },
    // Its execution has ended.
    { name: "ProposeChanges", given: applied, event: { scanId: "another", window: observation } },
  ];
  for (const { name, given, event = {}, seconds = plan.from } of closings) {
    await world.forgetAll();
    setTimeoutOf(world, proposed, seconds);
    await changes.setPaused(name === "ProposeChanges");
    await changes.open({ ...proposed, ...given });
    await insist(stack, name, name === "ProposeChanges" ? event : { changeId, ...event });
    const { status } = await onlyChange(world);
    if (status !== "closed") throw new Error(`expected ${name} to close the change, got ${status}`);
  }
}
