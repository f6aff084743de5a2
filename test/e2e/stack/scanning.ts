// The duplicates are found: from a laptop, by the schedule's own tick, which tells of them and asks, and by an operator.
import assert from "node:assert/strict";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { FindingDocument } from "../../../core/model/finding.ts";
import { scanIdOf } from "../../../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../../../core/scan/documents.ts";
import { findProblems } from "../expectations.ts";
import { scanFromLaptop } from "../scan.ts";
import { aws } from "./deploying.ts";
import { listExecutions, statesOf, until, waitForEnd } from "./executions.ts";
import { ADA, askedFor, type Deployed, GRACE, ledgersOf, NEW_TIMEOUT, OLD_TIMEOUT } from "./stage.ts";

/** With the role of a person who may do what the documentation says that a scan needs, and nothing else. */
export function commandLineProves(deployed: Deployed): Promise<void> {
  const { place, endpoint, receipts, invoices, roles, sts, step, say } = deployed;
  return step("doubletake scan, with the documented permissions alone, proves it", async () => {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roles.LaptopRoleArn, RoleSessionName: "laptop" }),
    );
    const env = {
      ...place.env,
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? "",
    };
    const { exitCode, stdout, stderr } = await scanFromLaptop(endpoint.url, { ...place, env });
    assert.equal(exitCode, 1, `doubletake scan ended with ${exitCode}: ${stderr}`);
    const document = FindingDocument.parse(JSON.parse(stdout));
    assert.deepEqual(deniedIn(document), []);
    assert.deepEqual(findProblems(document, receipts, say), []);
    assert.deepEqual(
      findProblems(document, invoices, () => undefined),
      [],
    );
  });
}

/** @returns the scheduled time. */
export async function scheduleScans({ sfn, outputs, say, step }: Deployed): Promise<string> {
  const machine = outputs.ScanStateMachineArn;
  const input = await step("the schedule's own tick starts a scan", async () => {
    const first = await until("the first tick", 120, async () => (await listExecutions(sfn, machine))[0]);
    const { status, cause, input } = await waitForEnd(sfn, first, 120);
    assert.equal(status, "SUCCEEDED", `the scan: ${cause}`);
    say((await statesOf(sfn, first)).join(" → "));
    return input;
  });
  await step("the same scheduled time once more scans nothing", async () => {
    const again = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input }));
    const second = await waitForEnd(sfn, again.executionArn ?? "", 60);
    // On AWS it goes on to AlreadyClaimed; the emulator knows no names of a function's errors, so that no Catch matches.
    assert.notEqual(second.status, "RUNNING");
    const states = await statesOf(sfn, again.executionArn ?? "");
    assert.ok(!states.includes("Discover"), "one scan a scheduled time");
  });
  return String(JSON.parse(input ?? "{}").scheduledTime);
}

const deniedIn = ({ scan }: FindingDocument): string[] =>
  scan.unreadable.flatMap(({ resource, reason }) =>
    /denied|not allowed|authori[sz]ed/i.test(reason) ? [`${resource}: ${reason}`] : [],
  );

export function findingIsTold(deployed: Deployed, scheduledTime: string): Promise<void> {
  const { receipts, invoices, say, step, digests, requests, tap } = deployed;
  return step("one digest, and a request for each queue and approver", async () => {
    const document = await documentOf(deployed, scheduledTime);
    assert.deepEqual(deniedIn(document), []);
    for (const workload of [receipts, invoices]) {
      assert.deepEqual(findProblems(document, workload, workload === receipts ? say : () => undefined), []);
      const plan = document.findings.find(({ queueArn }) => queueArn === workload.queueArn)?.plan;
      assert.deepEqual(
        [plan?.from, plan?.to],
        [Number(OLD_TIMEOUT), Number(NEW_TIMEOUT)],
        JSON.stringify(document.scan.unreadable),
      );
    }
    assert.equal((await digests.arrived()).length, 1, "one digest");
    for (const workload of [receipts, invoices]) {
      await until(`both approvers' mails for ${workload.queueName}`, 60, async () =>
        askedFor(deployed, workload).length >= 2 ? true : undefined,
      );
      const recipients = askedFor(deployed, workload).map(({ recipient }) => recipient);
      assert.deepEqual(recipients.toSorted(), [ADA, GRACE]);
    }
    assert.deepEqual(
      (await requests.arrived()).map(({ kind }) => kind),
      ["doubletake.approval-request", "doubletake.approval-request"],
      "a subscription gets what is for its address alone",
    );
    for (const { subject, recipient } of tap.mails()) say(`mailed to ${recipient ?? "all"}: ${subject}`);
  });
}

const documentOf = (deployed: Deployed, scheduledTime: string): Promise<FindingDocument> =>
  requireDocument(ledgersOf(deployed).ledger, scanIdOf(scheduledTime), documentKey.document, FindingDocument);

/** As somebody does who does not want to wait for the schedule. What is known already is not told or asked again. */
export function operatorScans(deployed: Deployed, scheduledTime: string): Promise<void> {
  const { sfn, outputs, receipts, say, step, digests, tap } = deployed;
  return step("a scan that is started by hand finds the same, and bothers nobody", async () => {
    const machine = outputs.ScanStateMachineArn;
    // By hand it would be the present time; here it has to be as late as the schedule's, for the same reason.
    const now = new Date(Date.parse(scheduledTime) + 60_000).toISOString();
    const input = JSON.stringify({ scheduledTime: now });
    const start = ["stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", input];
    const started = ((await aws(deployed, ...start)) ??
      (await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input })))) as {
      executionArn: string;
    };
    const mailed = tap.mails().length;
    const { status, cause } = await waitForEnd(sfn, started.executionArn, 120);
    assert.equal(status, "SUCCEEDED", `the scan: ${cause}`);
    say((await statesOf(sfn, started.executionArn)).join(" → "));
    assert.deepEqual(
      findProblems(await documentOf(deployed, now), receipts, () => undefined),
      [],
    );
    assert.deepEqual(
      tap
        .mails()
        .slice(mailed)
        .map(({ subject }) => subject),
      [],
    );
    assert.equal((await digests.arrived()).length, 1, "no second digest");
    assert.equal((await ledgersOf(deployed).changes.list()).length, 2, "one open change a queue");
  });
}
