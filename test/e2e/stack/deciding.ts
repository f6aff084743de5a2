// One change is rejected on the page, the other approved, applied, watched under the same load, and told of.
import assert from "node:assert/strict";
import { REGION } from "../endpoint.ts";
import type { Workload } from "../workload.ts";
import { doubletake } from "./command.ts";
import { aws, deployAgain, load } from "./deploying.ts";
import { statesOf, until, waitForEnd } from "./executions.ts";
import { decide, type Link, linkOf, visitAsScanner } from "./page.ts";
import {
  ADA,
  askedFor,
  type Deployed,
  GRACE,
  ledgersOf,
  NEW_TIMEOUT,
  OLD_TIMEOUT,
  visibilityTimeout,
} from "./stage.ts";

export async function decideOnPage(deployed: Deployed): Promise<void> {
  const { endpoint, outputs, say, step, receipts, invoices, sfn } = deployed;
  const linkTo = (address: string, workload: Workload): Link => {
    const mail = askedFor(deployed, workload).find(({ recipient }) => recipient === address);
    assert.ok(mail, `a mail to ${address}`);
    return linkOf(mail, outputs.ApprovalPageUrl);
  };
  await step("a mail scanner opens the link and presses the button: nothing changes", async () => {
    const seen = await visitAsScanner(endpoint.url, linkTo(ADA, receipts));
    assert.deepEqual(
      seen.map(({ status }) => status),
      [200, 200, 400],
    );
    assert.equal(await visibilityTimeout(deployed, receipts), OLD_TIMEOUT);
    const waiting = (await ledgersOf(deployed).changes.list()).map(({ status }) => status);
    assert.deepEqual(waiting, ["waiting", "waiting"]);
    say(`it was told: ${seen.at(-1)?.heading}`);
  });
  await step("rejected on the page: the queue stays as it is", async () => {
    const decided = await decide(endpoint.url, linkTo(GRACE, invoices), "reject");
    assert.equal(decided.status, 200, decided.html);
    const change = await changeOf(deployed, invoices);
    const { status, cause } = await waitForEnd(sfn, executionOf(deployed, change.id), 60);
    assert.equal(status, "SUCCEEDED", `the remediation: ${cause}`);
    say((await statesOf(sfn, executionOf(deployed, change.id))).join(" → "));
    assert.equal((await changeOf(deployed, invoices)).outcome, "rejected");
    assert.equal(await visibilityTimeout(deployed, invoices), OLD_TIMEOUT);
  });
  await step("approved on the page: the queue is changed", async () => {
    const decided = await decide(endpoint.url, linkTo(ADA, receipts), "approve");
    assert.equal(decided.status, 200, decided.html);
    say(`the page: ${decided.heading}`);
    await until("the new visibility timeout", 60, async () =>
      (await visibilityTimeout(deployed, receipts)) === NEW_TIMEOUT ? true : undefined,
    );
  });
  await step("a second decision is told politely that it is late", async () => {
    const late = await decide(endpoint.url, linkTo(GRACE, receipts), "approve");
    assert.equal(late.heading, "Already decided");
  });
}

async function changeOf(deployed: Deployed, { queueArn }: Workload) {
  const change = (await ledgersOf(deployed).changes.list()).find((one) => one.queueArn === queueArn);
  assert.ok(change, `a change of ${queueArn}`);
  return change;
}

/** An execution carries the id of its change as its name. */
const executionOf = ({ outputs }: Deployed, changeId: string): string =>
  `${outputs.RemediationStateMachineArn.replace(":stateMachine:", ":execution:")}:${changeId}`;

export async function effectIsMeasured(deployed: Deployed): Promise<void> {
  const { say, step, receipts, sfn, tap, place, endpoint, digests, outputs } = deployed;
  const observed = await until("the observation window", 90, async () => {
    const change = await changeOf(deployed, receipts);
    return change.observation === undefined ? undefined : change;
  });
  await step("doubletake approvals list, and the AWS CLI, show it", async () => {
    const list = ["approvals", "list", "--function", outputs.ApprovalsFunctionName, "--region", REGION];
    const listed = await doubletake([...list, "--endpoint-url", endpoint.url], place);
    assert.equal(listed.exitCode, 0, listed.stderr);
    assert.match(listed.stdout, new RegExp(receipts.queueName));
    await showWithAws(deployed);
  });
  await step("the same load with the new timeout", async () => {
    const startMs = observed.observation?.startMs ?? 0;
    await until("the start of the observation window", 65, async () =>
      Date.now() > startMs ? true : undefined,
    );
    await load(deployed, receipts);
  });
  await deployAgain(deployed);
  await step("the change is found to have helped, and everybody is told", async () => {
    const execution = executionOf(deployed, observed.id);
    const { status, cause } = await waitForEnd(sfn, execution, 180);
    assert.equal(status, "SUCCEEDED", `the remediation: ${cause}`);
    say((await statesOf(sfn, execution)).join(" → "));
    const change = await changeOf(deployed, receipts);
    assert.equal(change.outcome, "better", JSON.stringify(change.verdictReasons ?? change.outcomeReason));
    assert.equal(change.after?.duplicates, 0);
    assert.deepEqual(
      change.decisions.map(({ approver }) => approver),
      [ADA],
    );
    assert.equal(await visibilityTimeout(deployed, receipts), NEW_TIMEOUT);
    say(`outcome: ${change.outcome}, ${change.verdictReasons}`);
    assert.match(tap.mails().at(-1)?.subject ?? "", /it helped/);
    const told = await digests.arrived();
    assert.equal(
      told.length,
      4,
      `the digest, that one was rejected, that one was changed, and how it ended: ${JSON.stringify(told)}`,
    );
    say(`mailed: ${tap.mails().at(-1)?.subject}`);
  });
}

interface Shown {
  readonly Stacks: readonly { readonly StackStatus: string }[];
  readonly FunctionUrl: string;
  readonly definition: string;
}

async function showWithAws(deployed: Deployed): Promise<void> {
  const { outputs } = deployed;
  const show = async (...args: string[]) => (await aws(deployed, ...args)) as Shown | undefined;
  const stack = await show("cloudformation", "describe-stacks", "--stack-name", "Doubletake");
  if (stack === undefined) return;
  assert.match(stack.Stacks[0]?.StackStatus ?? "", /^(CREATE|UPDATE)_COMPLETE$/);
  const url = ["lambda", "get-function-url-config", "--function-name", outputs.ApprovalsFunctionName];
  assert.equal((await show(...url))?.FunctionUrl, outputs.ApprovalPageUrl);
  for (const arn of [outputs.ScanStateMachineArn, outputs.RemediationStateMachineArn]) {
    const machine = await show("stepfunctions", "describe-state-machine", "--state-machine-arn", arn);
    assert.doesNotMatch(
      machine?.definition ?? "${",
      /\$\{/,
      "every placeholder of the definition is filled in",
    );
  }
}
