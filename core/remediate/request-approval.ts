// RequestApproval: keeps the task token, and mails each approver a link and a code of their own, once.
import { ApprovalSettledError, OutcomeUnknownError } from "../errors.ts";
import type { Change } from "../model/change.ts";
import type { RequestApprovalInput, RequestApprovalOutput } from "../model/remediation-workflow.ts";
import { publishOnce } from "../scan/publish-once.ts";
import { hashOfCode, hashOfLinkId } from "./approval-link.ts";
import { type ApprovalAddresses, approvalMail } from "./approval-mail.ts";
import { updateChange } from "./changes.ts";
import type { RemediationSettings } from "./live-plan.ts";
import type { RemediationPorts } from "./ports.ts";

const HOUR_MS = 3_600_000;

type RequestPorts = Pick<RemediationPorts, "changes" | "ledger" | "approvalNotifier" | "secrets" | "nowMs">;

/**
 * A repeat waits with another token and sends no second mail (I6). One after another: SNS suspends a subscription
 * above ten messages a second.
 *
 * @throws ApprovalSettledError when it was decided before anybody could be asked again.
 * @throws TransientError when a mail was certainly not sent.
 */
export async function requestApproval(
  ports: RequestPorts,
  settings: RemediationSettings,
  addresses: ApprovalAddresses,
  { changeId, taskToken, executionId }: RequestApprovalInput,
): Promise<RequestApprovalOutput> {
  const { approvers, quorum, approvalHours } = settings.change;
  // Before the status is looked at: whoever decides from here on finds this token.
  await ports.changes.addTaskToken(changeId, taskToken);
  const change = await updateChange(ports.changes, changeId, (now) => {
    if (now.status !== "proposed") return undefined;
    const askedMs = ports.nowMs();
    const expiresMs = askedMs + approvalHours * HOUR_MS;
    const approval = { askedMs, expiresMs, quorum, approvers: [...new Set(approvers)] };
    return { ...now, status: "waiting", approval };
  });
  const { approval } = change;
  if (change.status !== "waiting" || approval === undefined) {
    throw new ApprovalSettledError(`change ${changeId} is ${change.status}: nobody is asked any more`);
  }
  for (const approver of approval.approvers) {
    await ask(ports, { change, approver, expiresMs: approval.expiresMs, executionId }, addresses);
  }
  return { asked: approval.approvers.length };
}

interface Request {
  readonly change: Change;
  readonly approver: string;
  readonly expiresMs: number;
  readonly executionId: string;
}

/** A mail that may have been sent is not repeated, and is no reason not to ask the others. */
async function ask(
  ports: RequestPorts,
  { change, approver, expiresMs, executionId }: Request,
  addresses: ApprovalAddresses,
): Promise<void> {
  const publishPorts = { ledger: ports.ledger, notifier: ports.approvalNotifier };
  try {
    await publishOnce(publishPorts, `change/${change.id}/ask/${approver}`, async () => {
      const linkId = ports.secrets.linkId();
      const code = ports.secrets.code();
      await ports.changes.putLink({
        idHash: hashOfLinkId(linkId),
        changeId: change.id,
        approver,
        planHash: change.plan.hash,
        expiresMs,
        codeHash: hashOfCode(linkId, code),
        tries: 0,
      });
      return approvalMail(change, { linkId, code, approver, expiresMs, executionId }, addresses);
    });
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error;
  }
}
