// `doubletake approvals` behind its client: what is asked, in which order, and what a person is shown.
import type { ApprovalsClient } from "../aws/approvals-client.ts";
import { ConfigError, ContractError } from "../core/errors.ts";
import type { ApprovalAnswer } from "../core/model/approval-commands.ts";
import { renderJson } from "../report/json.ts";
import { plainText } from "../report/text/sanitise.ts";
import { wrap } from "../report/text/wrap.ts";
import { findChange } from "./approvals-find.ts";
import { renderList } from "./approvals-list.ts";
import { plainCopy } from "./approvals-plain.ts";
import type { ApprovalsRequest } from "./approvals-request.ts";
import { type Review, renderReview } from "./approvals-review.ts";
import { exitCodeOf, NOT_DECIDED, type Ruling, rulingLines } from "./approvals-words.ts";
import type { Io } from "./io.ts";
import { hasColour } from "./output.ts";

/** The only answer to a typed line that is too long to be the name of a queue is a no. */
const LONGEST_LINE = 1024;

/** @returns the exit code. @throws AppError */
export async function runApprovals(
  { task, format }: Pick<ApprovalsRequest, "task" | "format">,
  client: ApprovalsClient,
  io: Io,
): Promise<number> {
  const look = { columns: io.columns, colour: hasColour(io.isTerminal, io) };

  switch (task.verb) {
    case "list": {
      const answer = await list();
      return say(answer, () => renderList(answer, { ...look, all: task.all }));
    }
    case "show": {
      const answer = await show(await resolve(task.change));
      return say(answer, () => textOf(answer));
    }
    case "approve":
      return approve(task);
    case "reject": {
      const changeId = await resolve(task.change);
      const { reason } = task;
      return rule(
        await client.ask({ action: "reject", changeId, principal: await client.principal(), reason }),
      );
    }
    case "pause":
    case "resume":
      return rule(await client.ask({ action: task.verb, principal: await client.principal() }));
  }

  async function approve({ change: typed, yes }: { readonly change: string; readonly yes: boolean }) {
    if (!yes) refuseUnseen();
    const changeId = findChange((await list()).changes, typed).id;
    const shown = await show(changeId);
    if (shown.kind !== "show") return rule(shown);
    const { review } = shown;
    const { change, now } = review;
    if (format === "table") io.stdout(`${renderReview(review, look)}\n`);
    // People may be asked in the next moment, and then an approval would count that nobody typed a name for.
    if (change.status === "proposed") return rule({ kind: "closed", change });
    if (now !== undefined && now.kind !== "same") {
      return say({ kind: "changed", change, now }, () => "Nothing was decided.\n");
    }
    // What is decided already needs no question, but a repeat wakes a workflow that was not told the first time.
    if (now !== undefined && !yes && !(await isConfirmed(review))) return NOT_DECIDED;
    const planHash = change.plan.hash;
    return rule(
      await client.ask({ action: "approve", changeId, principal: await client.principal(), planHash }),
    );
  }

  /** Nobody says yes to what they were not shown. */
  function refuseUnseen(): void {
    if (io.isErrorTerminal && (io.isTerminal || format === "json")) return;
    throw new ConfigError(
      '"approvals approve" shows the plan and asks for the name of the queue, which needs a terminal: give --yes to approve without',
    );
  }

  async function isConfirmed({ change: { queueName, plan } }: Review): Promise<boolean> {
    const name = plainText(queueName);
    if (format === "json") {
      io.stderr(`${name}: visibility timeout ${plan.from} s → ${plan.to} s\n`);
    }
    io.stderr("Type the name of the queue to approve: ");
    const typed = (await readLine(io)).trim();
    if (typed === queueName) return true;
    io.stderr(`doubletake: nothing was approved: expected ${name}, got "${plainText(typed)}"\n`);
    return false;
  }

  async function list(): Promise<Extract<ApprovalAnswer, { readonly kind: "list" }>> {
    const answer = await client.ask({ action: "list" });
    if (answer.kind !== "list") throw unexpected(answer);
    return answer;
  }

  async function resolve(typed: string): Promise<string> {
    return findChange((await list()).changes, typed).id;
  }

  async function show(
    changeId: string,
  ): Promise<Extract<ApprovalAnswer, { readonly kind: "show" | "unknown" }>> {
    const answer = await client.ask({ action: "show", changeId });
    if (answer.kind !== "show" && answer.kind !== "unknown") throw unexpected(answer);
    return answer;
  }

  function textOf(answer: Extract<ApprovalAnswer, { readonly kind: "show" | "unknown" }>): string {
    return answer.kind === "show" ? renderReview(answer.review, look) : rulingText(answer);
  }

  function rule(answer: ApprovalAnswer): number {
    if (answer.kind === "list" || answer.kind === "show") throw unexpected(answer);
    return say(answer, () => rulingText(answer));
  }

  function rulingText(ruling: Ruling): string {
    const lines = rulingLines(ruling).flatMap((line) => wrap(line, look.columns, "", "  "));
    return `${lines.join("\n")}\n`;
  }

  function say(answer: ApprovalAnswer, text: () => string): number {
    io.stdout(format === "json" ? renderJson(answer) : text());
    return exitCodeOf(answer);
  }
}

function unexpected({ kind }: ApprovalAnswer): ContractError {
  return new ContractError(`expected an answer to what was asked, got "${plainCopy(kind)}"`);
}

/** Without its line break; what was typed before the end of the input, where there is none. */
async function readLine(io: Pick<Io, "stdin">): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of io.stdin()) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n") || text.length > LONGEST_LINE) break;
  }
  return text.split("\n")[0] ?? "";
}
