// A change that waits for approval, two approvers with a link and a code each, and the handler they meet.
import type { Context } from "aws-lambda";
import { createMemoryChangeLedger } from "../../../../aws/memory-change-ledger.ts";
import type { Change } from "../../../../core/model/change.ts";
import { ChangeSettings } from "../../../../core/model/change-settings.ts";
import type { EventSourceMapping, QueueSettings } from "../../../../core/model/delivery-path.ts";
import type { CallbackPort, ChangeLedger } from "../../../../core/ports.ts";
import { hashOfCode, hashOfLinkId } from "../../../../core/remediate/approval-link.ts";
import type { RemediationPorts } from "../../../../core/remediate/ports.ts";
import { createHandler } from "../../../../functions/approvals/handler.ts";
import { UrlResponse } from "../../../../functions/approvals/page/response.ts";
import { type Observability, UNOBSERVED } from "../../../../functions/shared/observability.ts";
import { approvalLink, change } from "../../../support/changes.ts";
import { formEvent, urlEvent } from "../../../support/function-url.ts";
import { consumer, mapping, queueArn, queueSettings, SETTINGS, WINDOW } from "../../../support/scan-fakes.ts";

export const ASKED_MS = WINDOW.endMs;
const HOUR_MS = 3_600_000;
export const EXPIRES_MS = ASKED_MS + 72 * HOUR_MS;

export const ANN = { approver: "ann@example.com", linkId: "Ann-".padEnd(43, "x"), code: "ABCD-2345" };
export const BOB = { approver: "bob@example.com", linkId: "Bob_".padEnd(43, "y"), code: "WXYZ-6789" };
const TOKEN = "a-task-token";

export interface WorldOptions {
  readonly change?: Partial<Change>;
  readonly quorum?: number;
  /** Of the queue, where it is another way than when the change was proposed. */
  readonly queue?: Partial<QueueSettings> | Error;
  readonly mapping?: Partial<EventSourceMapping>;
  readonly mappingsError?: Error;
  /** In front of the ledger. */
  readonly ledger?: (ledger: ChangeLedger) => Partial<ChangeLedger>;
  readonly callbacks?: CallbackPort;
  readonly observability?: Observability;
}

export async function createWorld(options: WorldOptions = {}) {
  const { quorum = 1, queue = {} } = options;
  const ledger = createMemoryChangeLedger();
  const waiting = change({
    status: "waiting",
    approval: {
      askedMs: ASKED_MS,
      expiresMs: EXPIRES_MS,
      quorum,
      approvers: [ANN.approver, BOB.approver],
    },
    ...options.change,
  });
  await ledger.open(waiting);
  await ledger.addTaskToken(waiting.id, TOKEN);
  for (const { approver, linkId, code } of [ANN, BOB]) {
    await ledger.putLink(
      approvalLink({
        idHash: hashOfLinkId(linkId),
        codeHash: hashOfCode(linkId, code),
        approver,
        changeId: waiting.id,
        planHash: waiting.plan.hash,
        expiresMs: EXPIRES_MS,
      }),
    );
  }

  const clock = { nowMs: ASKED_MS + HOUR_MS };
  const woken: string[] = [];
  const { queueName } = waiting;
  const mappings: RemediationPorts["mappings"] = {
    listQueueMappings: async () => {
      if (options.mappingsError !== undefined) throw options.mappingsError;
      return [mapping(queueName, `${queueName}-worker`, options.mapping)];
    },
    describeFunction: async () => consumer(`${queueName}-worker`),
  };
  const queues: RemediationPorts["queues"] = {
    describeQueue: async () => {
      if (queue instanceof Error) throw queue;
      const redrive = { deadLetterTargetArn: queueArn(`${queueName}-dlq`), maxReceiveCount: 5 };
      return queueSettings(queueName, { visibilityTimeoutSeconds: 30, redrive, ...queue });
    },
  };
  const callbacks = options.callbacks ?? {
    wake: async (token) => {
      woken.push(token);
      return "told";
    },
  };
  const handler = createHandler(
    { scan: SETTINGS, change: ChangeSettings.parse({}) },
    {
      changes: { ...ledger, ...options.ledger?.(ledger) },
      mappings,
      queues,
      callbacks,
      nowMs: () => clock.nowMs,
    },
    options.observability ?? UNOBSERVED,
  );

  /** @param remainingMs until Lambda ends the run; undefined = for ever. */
  const send = async (event: unknown, remainingMs?: number) => {
    const limit = remainingMs === undefined ? {} : { getRemainingTimeInMillis: () => remainingMs };
    return UrlResponse.parse(await handler(event, limit as Context));
  };
  return {
    ledger,
    change: waiting,
    clock,
    woken,
    send,
    invoke: (command: unknown) => handler(command, {} as Context),
    get: (path = `/${ANN.linkId}`) => send(urlEvent({ path })),
    /** What Ann's browser sends, changed where it matters. */
    post: (more: Readonly<Record<string, string>> = {}, linkId = ANN.linkId) =>
      send(
        formEvent(`/${linkId}`, {
          plan: waiting.plan.hash,
          code: ANN.code,
          reason: "",
          verdict: "approve",
          ...more,
        }),
      ),
    latest: () => ledger.get(waiting.id),
    audit: async () => [...(await ledger.listAudit(waiting.id)), ...(await ledger.listAudit("unknown"))],
    /** All that the ledger holds, but for its audit rows. */
    state: async () =>
      JSON.stringify({
        changes: await ledger.list(),
        tokens: await ledger.listTaskTokens(waiting.id),
        links: [
          await ledger.getLink(hashOfLinkId(ANN.linkId)),
          await ledger.getLink(hashOfLinkId(BOB.linkId)),
        ],
        isPaused: await ledger.isPaused(),
      }),
  };
}

export const headingOf = ({ body }: UrlResponse): string => /<h1>(.*?)<\/h1>/.exec(body)?.[1] ?? "";
/** As a person reads it: without markup, in one line. */
export const textOf = ({ body }: UrlResponse): string =>
  body
    .replace(/<style>.*<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
export const hasForm = ({ body }: UrlResponse): boolean => body.includes("<form");
export const canApprove = ({ body }: UrlResponse): boolean => body.includes('value="approve"');
export const canReject = ({ body }: UrlResponse): boolean => body.includes('value="reject"');
