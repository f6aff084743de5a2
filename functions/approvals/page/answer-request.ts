// What the approval page answers to whatever reaches it (I5): opening it decides nothing, and each visit leaves a row.
import { AppError } from "../../../core/errors.ts";
import type { ApprovalLink, Change } from "../../../core/model/change.ts";
import { type DecisionResult, decideByLink, findByLink, settledFor } from "../../../core/remediate/decide.ts";
import type { RemediationSettings } from "../../../core/remediate/live-plan.ts";
import type { RemediationPorts } from "../../../core/remediate/ports.ts";
import { type PlanNow, planNow } from "../../../core/remediate/review.ts";
import { methodNotAllowed, tooLarge, unknownLink, unsupportedType } from "./messages.ts";
import { refusedAs, triesWords } from "./refusals.ts";
import { type Form, readForm, type UrlRequest } from "./request.ts";
import { type Refused, requestPage } from "./request-page.ts";
import { type Answer, type AuditResult, METHODS } from "./response.ts";
import { approved, lastWrongCode, rejected, settled, tooManyTries } from "./settled-pages.ts";

export type PagePorts = Pick<RemediationPorts, "changes" | "mappings" | "queues" | "callbacks" | "nowMs">;

/** A link that leads somewhere, and with what it is answered. */
interface Visit {
  readonly ports: PagePorts;
  readonly settings: RemediationSettings;
  readonly linkId: string;
  readonly link: ApprovalLink;
  readonly change: Change;
}

export async function answerRequest(
  ports: PagePorts,
  settings: RemediationSettings,
  request: UrlRequest,
): Promise<Answer> {
  const { linkId, method } = request;
  let found: Pick<Visit, "link" | "change"> | undefined;
  let result: AuditResult = "unavailable";
  try {
    found = linkId === undefined ? undefined : await findByLink(ports, linkId);
    const visit =
      linkId === undefined || found === undefined ? undefined : { ports, settings, linkId, ...found };
    const answer = await answerVisit(visit, request);
    result = answer.result;
    return answer;
  } finally {
    await note(ports, {
      method,
      result,
      ...(found === undefined ? {} : { changeId: found.change.id, approver: found.link.approver }),
    });
  }
}

/** A row that cannot be written undoes no decision and hides no page. */
async function note(
  { changes, nowMs }: PagePorts,
  row: { readonly method: string; readonly result: AuditResult },
): Promise<void> {
  try {
    await changes.audit({ atMs: nowMs(), ...row });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function answerVisit(visit: Visit | undefined, request: UrlRequest): Promise<Answer> {
  if (!METHODS.includes(request.method)) return methodNotAllowed();
  if (visit === undefined) return unknownLink();
  if (request.method !== "POST") return show(visit);
  const form = readForm(request);
  if (form === "too-large") return tooLarge();
  if (form === "unsupported-type") return unsupportedType();
  return decide(visit, form);
}

async function show(visit: Visit): Promise<Answer> {
  const over = settledFor(visit.change, visit.link.approver, visit.ports.nowMs());
  if (over !== undefined) return settled(over);
  const now = await lookAgain(visit);
  return { status: 200, result: now.kind === "same" ? "shown" : now.kind, page: pageOf(visit, now) };
}

/** That nothing can be read keeps nobody from saying no. */
async function lookAgain({ ports, settings, change }: Visit): Promise<PlanNow> {
  try {
    return await planNow(ports, settings, change);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "unreadable", reason: error.message };
  }
}

async function decide(visit: Visit, form: Form): Promise<Answer> {
  const { ports, settings, linkId, link, change } = visit;
  const { verdict } = form;
  if (verdict === undefined) {
    const over = settledFor(change, link.approver, ports.nowMs());
    return over === undefined ? askAgain(visit, form, "bad-request") : settled(over);
  }
  const result = await decideByLink(ports, settings, { linkId, ...form, verdict });
  return answerOf(visit, form, result);
}

async function answerOf(visit: Visit, form: Form, result: DecisionResult): Promise<Answer> {
  const { ports, settings } = visit;
  const { snoozeDays, observationMinutes } = settings.change;
  switch (result.kind) {
    case "unknown":
      return unknownLink();
    case "already-decided":
    case "expired":
    case "closed":
      return settled(result);
    case "approved":
      return approved(result.change, result.missing, observationMinutes * 60);
    case "rejected":
      return rejected(result.change, snoozeDays, ports.nowMs());
    case "too-many-tries":
      return tooManyTries(result.change);
    case "wrong-code":
      return result.triesLeft === 0
        ? lastWrongCode(result.change)
        : askAgain(visit, form, "wrong-code", triesWords(result.triesLeft));
    case "code-missing":
    case "reason-missing":
      return askAgain(visit, form, result.kind);
    case "changed":
      return notApproved(visit, form, result.now);
  }
}

/** The code was right; it counts as a try all the same. */
async function notApproved(visit: Visit, form: Form, now: PlanNow): Promise<Answer> {
  const tried = { ...visit, link: { ...visit.link, tries: visit.link.tries + 1 } };
  if (form.planHash !== visit.change.plan.hash) {
    const page = pageOf(tried, await lookAgain(tried), refusedAs("another-plan", form));
    return { status: 409, result: "changed", page };
  }
  const kind = now.kind === "same" ? "changed" : now.kind;
  return { status: 409, result: kind, page: pageOf(tried, now, refusedAs(kind, form)) };
}

/** The form once more, with what was wrong. */
async function askAgain(
  visit: Visit,
  form: Form,
  refusal: "bad-request" | "code-missing" | "reason-missing" | "wrong-code",
  more?: string,
): Promise<Answer> {
  const page = pageOf(visit, await lookAgain(visit), refusedAs(refusal, form, more));
  return { status: refusal === "wrong-code" ? 403 : 400, result: refusal, page };
}

const pageOf = ({ change, link, ports, settings }: Visit, now: PlanNow, refused?: Refused) =>
  requestPage({ change, link, now, nowMs: ports.nowMs(), settings, ...(refused && { refused }) });
