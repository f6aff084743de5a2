// The duplicate is found: from the command line, and by the schedule's own tick, which tells of it and asks.
import assert from "node:assert/strict";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { FindingDocument } from "../../../core/model/finding.ts";
import { scanIdOf } from "../../../core/scan/claim-scan.ts";
import { documentKey, requireDocument } from "../../../core/scan/documents.ts";
import { findProblems } from "../expectations.ts";
import { doubletake } from "./command.ts";
import { listExecutions, statesOf, until, waitForEnd } from "./executions.ts";
import { ADA, askedFor, type Deployed, GRACE, ledgersOf, NEW_TIMEOUT } from "./stage.ts";

export async function commandLineProves({ place, workload, say, emulator }: Deployed): Promise<void> {
  const args = [
    "scan",
    "--endpoint-url",
    emulator.url,
    "--lookback",
    "10m",
    "--until",
    new Date().toISOString(),
    "--format",
    "json",
  ];
  const { exitCode, stdout, stderr } = await doubletake(args, place);
  assert.equal(exitCode, 1, `doubletake scan ended with ${exitCode}: ${stderr}`);
  const document = FindingDocument.parse(JSON.parse(stdout));
  assert.deepEqual(findProblems(document, workload, say), []);
  say("doubletake scan --endpoint-url: proven");
}

/** @returns the scheduled time. */
export async function scheduleScans({ sfn, outputs, say }: Deployed): Promise<string> {
  const machine = outputs.ScanStateMachineArn;
  const first = await until(
    "the schedule's first tick",
    90,
    async () => (await listExecutions(sfn, machine))[0],
  );
  say("the schedule has started a scan");
  const { status, cause, input } = await waitForEnd(sfn, first, 90);
  assert.equal(status, "SUCCEEDED", `the scan: ${cause}`);
  say(`the scan: ${(await statesOf(sfn, first)).join(" → ")}`);
  const again = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input }));
  const second = await waitForEnd(sfn, again.executionArn ?? "", 60);
  // On AWS it goes on to AlreadyClaimed; the emulator knows no names of a function's errors, so that no Catch matches.
  assert.notEqual(second.status, "RUNNING");
  assert.ok(
    !(await statesOf(sfn, again.executionArn ?? "")).includes("Discover"),
    "one scan a scheduled time",
  );
  say("the same scheduled time once more: scans nothing again");
  return String(JSON.parse(input ?? "{}").scheduledTime);
}

export async function findingIsTold(deployed: Deployed, scheduledTime: string): Promise<void> {
  const { workload, say, digests, requests, tap } = deployed;
  const { ledger } = ledgersOf(deployed);
  const document = await requireDocument(
    ledger,
    scanIdOf(scheduledTime),
    documentKey.document,
    FindingDocument,
  );
  assert.deepEqual(findProblems(document, workload, say), []);
  const plan = document.findings.find(({ queueArn }) => queueArn === workload.queueArn)?.plan;
  assert.deepEqual(
    [plan?.from, plan?.to],
    [2, Number(NEW_TIMEOUT)],
    JSON.stringify(document.scan.unreadable),
  );

  const told = await digests.arrived();
  assert.equal(told.length, 1, "one digest");
  await until("both approvers' mails", 30, async () => (askedFor(tap).length >= 2 ? true : undefined));
  assert.deepEqual(
    askedFor(tap)
      .map(({ recipient }) => recipient)
      .toSorted(),
    [ADA, GRACE],
  );
  assert.deepEqual(
    (await requests.arrived()).map(({ kind }) => kind),
    ["doubletake.approval-request"],
    "a subscription gets what is for its address alone",
  );
  say(`mailed: ${tap.mails().map(({ subject }) => subject)}`);
}
