// The change is decided on the page, applied, watched under the same load, and told of.
import assert from "node:assert/strict";
import { doubletake } from "./command.ts";
import { load, showWithAws } from "./deploying.ts";
import { listExecutions, statesOf, until, waitForEnd } from "./executions.ts";
import { approve, linkOf, visitAsScanner } from "./page.ts";
import {
  ADA,
  askedFor,
  type Deployed,
  GRACE,
  ledgersOf,
  NEW_TIMEOUT,
  REGION,
  visibilityTimeout,
} from "./stage.ts";

export async function decideOnPage(deployed: Deployed): Promise<void> {
  const { tap, outputs, emulator, say } = deployed;
  const mailTo = (address: string) => {
    const mail = askedFor(tap).find(({ recipient }) => recipient === address);
    assert.ok(mail, `a mail to ${address}`);
    return linkOf(mail, outputs.ApprovalPageUrl);
  };
  const seen = await visitAsScanner(emulator.url, mailTo(ADA));
  assert.deepEqual(
    seen.map(({ status }) => status),
    [200, 200, 400],
  );
  assert.equal(await visibilityTimeout(deployed), "2", "a scanner's visit changes nothing");
  const [waiting] = await ledgersOf(deployed).changes.list();
  assert.equal(waiting?.status, "waiting");
  say(`a scanner opens the link and presses the button: ${seen.at(-1)?.heading}`);

  const decided = await approve(emulator.url, mailTo(ADA));
  assert.equal(decided.status, 200, decided.html);
  say(`approved on the page: ${decided.heading}`);
  await until("the new visibility timeout", 30, async () =>
    (await visibilityTimeout(deployed)) === NEW_TIMEOUT ? true : undefined,
  );
  say(`the queue's visibility timeout is ${NEW_TIMEOUT} s`);

  const late = await approve(emulator.url, mailTo(GRACE));
  assert.equal(late.heading, "Already decided");
  say(`a second decision: ${late.status}, ${late.heading}`);
}

export async function effectIsMeasured(deployed: Deployed): Promise<void> {
  const { say, workload, sfn, outputs, tap, place, emulator, digests } = deployed;
  const { changes } = ledgersOf(deployed);
  const observed = await until("the observation window", 60, async () =>
    (await changes.list()).find(({ observation }) => observation !== undefined),
  );
  const startMs = observed.observation?.startMs ?? 0;
  const list = ["approvals", "list", "--function", outputs.ApprovalsFunctionName, "--region", REGION];
  const listed = await doubletake([...list, "--endpoint-url", emulator.url], place);
  assert.equal(listed.exitCode, 0, listed.stderr);
  assert.match(listed.stdout, /receipts-to-mail/);
  say("doubletake approvals list: shows the change");
  await showWithAws(deployed);

  await until("the start of the observation window", 65, async () =>
    Date.now() > startMs ? true : undefined,
  );
  const invocations = await load(deployed, workload);
  say(`the same load with the new timeout: ${invocations} invocations of ours`);

  const [execution = ""] = await listExecutions(sfn, outputs.RemediationStateMachineArn);
  const { status, cause } = await waitForEnd(sfn, execution, 120);
  assert.equal(status, "SUCCEEDED", `the remediation: ${cause}`);
  say(`the remediation: ${(await statesOf(sfn, execution)).join(" → ")}`);
  const change = await changes.get(observed.id);
  assert.equal(change?.outcome, "better", JSON.stringify(change?.verdictReasons ?? change?.outcomeReason));
  assert.equal(change?.after?.duplicates, 0);
  assert.deepEqual(
    change?.decisions.map(({ approver }) => approver),
    [ADA],
  );
  assert.equal(await visibilityTimeout(deployed), NEW_TIMEOUT);
  say(`outcome: ${change?.outcome}, ${change?.verdictReasons}`);
  assert.match(tap.mails().at(-1)?.subject ?? "", /it helped/);
  assert.equal((await digests.arrived()).length, 3, "the digest, that it was changed, and how it ended");
  say(`mailed: ${tap.mails().at(-1)?.subject}`);
}
