// The second half of the demo: the request for approval, its page on this computer, the change, and what it did. The
// account's clock is virtual, so the hours in which the effect is watched pass at once.

import type { Change } from "../core/model/change.ts";
import { ChangeSettings } from "../core/model/change-settings.ts";
import { ScanSettings } from "../core/model/settings.ts";
import type { NotifierPort } from "../core/ports.ts";
import { createHandler } from "../functions/approvals/handler.ts";
import type { Proposing } from "../functions/scan-handlers.ts";
import { plural } from "../report/text/format.ts";
import { startApprovalServer } from "./approval-server.ts";
import { asMail, type DemoAccount, NOW_MS, YOU } from "./demo-account.ts";
import type { MailedDigest } from "./demo-report.ts";
import type { Progress } from "./progress.ts";
import { createLocalRemediation } from "./remediation-workflow.ts";

/** One change, so that there is one mail to read. */
const SETTINGS = {
  scan: ScanSettings.parse({}),
  change: ChangeSettings.parse({ mode: "approve", approvers: [YOU], maxChangesPerScan: 1 }),
};

/** What came back when somebody opened the page or sent the form. */
export interface PageAnswer {
  readonly status: number;
  /** The page's heading. */
  readonly heading: string;
}

export interface DemoRemediation {
  /** For the scan's last state. */
  readonly proposing: Proposing;
  /** The mail that asks; undefined when the scan proposed nothing. */
  request(): Promise<(MailedDigest & { readonly link: string; readonly code: string }) | undefined>;
  /** As a scanner of mail does: opens the link, and sends the form as it stands. */
  scanLink(link: string): Promise<PageAnswer[]>;
  /** As a person does: reads, types the code, and says yes. */
  approve(link: string, code: string): Promise<PageAnswer>;
  /** When the change is over; by then somebody must have decided. */
  outcome(): Promise<DemoOutcome>;
  close(): Promise<void>;
}

export interface DemoOutcome {
  readonly change: Change;
  /** Sent since the request. */
  readonly mails: readonly MailedDigest[];
  /** Redeliveries that really had the cause, before and after; what no part of the system could see. */
  readonly truth: { readonly before: number; readonly after: number };
}

export async function startDemoRemediation(
  account: DemoAccount,
  progress: Progress,
): Promise<DemoRemediation> {
  const { thread, topics } = account;
  let virtualMs = NOW_MS;
  const nowMs = () => virtualMs;
  const asked = watchPublishing(account.remediation.approvalNotifier);
  const shared = { ...account.ports, ...account.remediation, approvalNotifier: asked.notifier, nowMs };
  // The page's address is in the mail, and the page needs the callbacks: the server is first, its handler later.
  let answer: ReturnType<typeof createHandler> | undefined;
  const server = await startApprovalServer(async (event, context) => answer?.(event, context));
  const remediation = createLocalRemediation({
    ports: shared,
    settings: SETTINGS,
    addresses: {
      pageUrl: server.url,
      functionName: "doubletake-approvals",
      region: "us-east-1",
      snoozeDays: SETTINGS.change.snoozeDays,
    },
    pass: async (seconds) => {
      virtualMs += seconds * 1000;
      if (seconds >= LONG_SECONDS)
        progress.step(`${plural(Math.round(seconds / 60), "minute")} go by in the account`);
      await thread.advanceTo(virtualMs);
    },
    onStep: (_, { state, phase }) => {
      if (phase === "succeeded" && state in STEPS) progress.step(`${state.padEnd(17)}  ${STEPS[state]}`);
    },
  });
  answer = createHandler(SETTINGS, { ...shared, callbacks: remediation.callbacks });
  const { changes, subscriptions } = account.remediation;

  return {
    proposing: {
      ports: { changes, executions: remediation.executions, subscriptions },
      settings: SETTINGS.change,
      audiences: [
        { topicArn: topics.digest, what: "the digest", addresses: [YOU] },
        { topicArn: topics.approvals, what: "requests for approval", addresses: [YOU] },
      ],
    },
    request: async () => {
      if ((await changes.list()).length === 0) return undefined;
      await asked.first;
      const mail = (await thread.published())
        .filter(({ topicArn }) => topicArn === topics.approvals)
        .map(asMail)[0];
      const link = new RegExp(`${server.url}[\\w-]{43}`).exec(mail?.text ?? "")?.[0];
      const code = /Code: (\S+)/.exec(mail?.text ?? "")?.[1];
      return mail === undefined || link === undefined || code === undefined
        ? undefined
        : { ...mail, link, code };
    },
    scanLink: async (link) => [
      await look(await fetch(link)),
      await look(await fetch(link, { method: "POST", body: new URLSearchParams({ verdict: "approve" }) })),
    ],
    approve: async (link, code) => {
      const plan = /name="plan" value="(\w+)"/.exec(await (await fetch(link)).text())?.[1] ?? "";
      const body = new URLSearchParams({ verdict: "approve", code, plan });
      return look(await fetch(link, { method: "POST", body }));
    },
    outcome: async () => {
      await remediation.ended();
      const [change] = await changes.list();
      if (change === undefined) throw new Error("expected the change in the ledger, got none");
      const { before, observation } = change;
      const count = async ({ startMs, endMs }: Change["before"]["window"]) => {
        const { paths } = await thread.reveal(startMs, endMs);
        const path = paths.find((one) => "queueArn" in one && one.queueArn === change.queueArn);
        return path?.redeliveriesByCause[change.finding.cause] ?? 0;
      };
      const sent = (await thread.published()).map((message) => ({ ...asMail(message), message }));
      const after = sent.findIndex(({ message }) => message.topicArn === topics.approvals);
      return {
        change,
        mails: sent.slice(after + 1).map(({ subject, text }) => ({ subject, text })),
        truth: {
          before: await count(before.window),
          after: observation === undefined ? 0 : await count(observation),
        },
      };
    },
    close: async () => {
      await remediation.stop();
      await server.close();
    },
  };
}

/** Waits as long as this are worth a line. */
const LONG_SECONDS = 60;

const STEPS: Readonly<Record<string, string>> = {
  Revalidate: "everything read again, the plan still holds",
  ConcludeApproval: "what was decided, from the ledger",
  Apply: "compared once more, one attribute set",
  Confirm: "read back",
  PrepareEffect: "the same detector, on the time since",
  MeasureEffect: "before against after",
  RollBack: "set back",
  Close: "the queue's place is free again",
  NotifyOutcome: "everybody was told",
};

/** @returns the same port, and when the first message is out. */
function watchPublishing(notifier: NotifierPort) {
  const { promise: first, resolve } = Promise.withResolvers<void>();
  return {
    first,
    notifier: {
      publish: async (notification) => {
        await notifier.publish(notification);
        resolve();
      },
    } satisfies NotifierPort,
  };
}

async function look(response: Response): Promise<PageAnswer> {
  const page = await response.text();
  return { status: response.status, heading: /<h1[^>]*>([^<]*)</.exec(page)?.[1]?.trim() ?? "" };
}
