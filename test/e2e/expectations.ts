// What the finding document must say of the emulator's account, each problem in a sentence.
import type { FindingDocument } from "../../core/model/finding.ts";
import type { Workload } from "./workload.ts";

type Delivery = FindingDocument["findings"][number]["examples"][number]["deliveries"][number];

/** Two deliveries of one message by different invocations, the later one started before the earlier one ended. */
function overlap(deliveries: readonly Delivery[]): boolean {
  return deliveries.some((earlier, i) =>
    deliveries
      .slice(i + 1)
      .some(
        (later) =>
          earlier.requestId !== later.requestId &&
          earlier.endedAt !== null &&
          later.startedAt !== null &&
          Date.parse(later.startedAt) < Date.parse(earlier.endedAt),
      ),
  );
}

export function findProblems(
  document: FindingDocument,
  { queueArn, functionArn }: Workload,
  say: (text: string) => void,
): string[] {
  const problems: string[] = [];
  const finding = document.findings.find((f) => f.cause === "visibility-expired" && f.queueArn === queueArn);
  if (finding === undefined) {
    return [`no visibility-expired finding on ${queueArn}; found: ${document.findings.map((f) => f.cause)}`];
  }
  say(
    `finding: ${finding.cause}, ${finding.evidence}, ${finding.severity}, ${finding.counts.messages} messages`,
  );
  if (finding.evidence !== "proven") problems.push(`expected evidence proven, got ${finding.evidence}`);
  if (!finding.functionArns.includes(functionArn)) problems.push(`the finding does not name ${functionArn}`);
  const shown = finding.examples.find((example) => overlap(example.deliveries));
  if (shown === undefined) problems.push("no example shows two overlapping invocations of one message");
  else {
    say(`message ${shown.messageId}`);
    for (const d of shown.deliveries)
      say(`  ${d.requestId}  ${d.startedAt} … ${d.endedAt}  receive ${d.receiveCount}`);
  }
  problems.push(...remedyProblems(finding, document, queueArn, say));
  const reasons = Map.groupBy(document.scan.unreadable, ({ reason }) => reason);
  for (const [reason, resources] of reasons) say(`unreadable: ${resources.length} × ${reason}`);
  const metricsKnown = finding.metrics.sent !== null && finding.metrics.invocations !== null;
  if (!metricsKnown && document.scan.unreadable.length === 0) {
    problems.push("metrics are missing, but nothing is listed as unreadable");
  }
  return problems;
}

/** The emulator has no SQS metrics: with the path unreadable in part, there is advice and no plan (I8). */
function remedyProblems(
  finding: FindingDocument["findings"][number],
  { scan }: FindingDocument,
  queueArn: string,
  say: (text: string) => void,
): string[] {
  const problems: string[] = [];
  const advice = finding.advice.find(({ kind }) => kind === "raise-visibility-timeout");
  if (advice === undefined) problems.push("no advice to raise the visibility timeout");
  else say(`advice: ${advice.summary}`);
  const unreadable = scan.unreadable.some(({ resource }) => resource === queueArn);
  if (unreadable && finding.plan !== undefined)
    problems.push("a plan although the queue was unreadable in part");
  if (!unreadable && finding.plan?.from !== 2) problems.push("no plan that raises the timeout from 2 s");
  return problems;
}
