// The stack against a simulated account, each function with what the template tells it and with a connection that
// records its calls: workflows, handlers, adapters and executions as deployed, over the wire, on a virtual clock.
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import type { Template } from "aws-cdk-lib/assertions";
import { createCallbacks } from "../../aws/callbacks.ts";
import { createChangeLedger } from "../../aws/change-ledger.ts";
import { type Connection, connect } from "../../aws/connection.ts";
import { createExecutions } from "../../aws/executions.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createLedgerTableInput } from "../../aws/ledger-table.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { createQueueWriter } from "../../aws/queue-writer.ts";
import type { Turn } from "../../aws/rates.ts";
import { createReadPorts } from "../../aws/read-ports.ts";
import { createSecrets } from "../../aws/secrets.ts";
import { createSharedTurns } from "../../aws/shared-turns.ts";
import { createSubscriptions } from "../../aws/subscriptions.ts";
import { ChangeSettings } from "../../core/model/change-settings.ts";
import { ScanSettings } from "../../core/model/settings.ts";
import type { ExecutionsPort } from "../../core/ports.ts";
import { NO_EXECUTIONS } from "../../core/remediate/ports.ts";
import { createHandler as approvals } from "../../functions/approvals/handler.ts";
import { remediationHandlers } from "../../functions/remediation-handlers.ts";
import { inProcess, type Proposing, scanHandlers } from "../../functions/scan-handlers.ts";
import { type CreateAccountOptions, createAccount } from "../../simulator/create-account.ts";
import { type Fault, startServer } from "../../simulator/server.ts";
import { runWorkflow } from "../../statemachine/interpreter.ts";
import remediationDefinition from "../../statemachine/remediation.asl.json" with { type: "json" };
import scanDefinition from "../../statemachine/scan.asl.json" with { type: "json" };
import { TaskCallbacks } from "../../statemachine/task-callbacks.ts";
import { createLedgerContents } from "./ledger-contents.ts";
import { type RecordedCalls, recordCalls } from "./recorded-calls.ts";
import { functionNames, functionOf, stateMachineOf, withoutHash } from "./synthesised-stack.ts";

const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const REGION = "us-east-1";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
const ADDRESS = "team@example.org";
const PAGE_URL = "https://approvals.example/";
const POLL_INTERVAL_MS = 20;
/** Functions whose log calls wait for turns that they share. */
const SHARING = ["StartQueries", "CollectDeliveries"];
/** At the log queries, before they are given up. */
const LOOKS = 8;
const PUBLISH = "sns:Publish";

/** As the template calls them, so that a recorded call names what a policy names. */
const TABLE = "LedgerTable";
const TOPICS = { digest: "DigestTopic", approvals: "ApprovalsTopic" };

type Handler = (event: unknown) => Promise<unknown>;

export type SimulatedStacks = Awaited<ReturnType<typeof simulateStacks>>;
export type RecordedStack = Awaited<ReturnType<SimulatedStacks["deploy"]>>;

/** An account in which stacks of several modes may take turns, with one ledger. */
export async function simulateStacks(options: Omit<CreateAccountOptions, "endMs">) {
  const { account, truth } = createAccount({ endMs: NOW_MS, ...options });
  const server = await startServer({ account });
  const endpoint = {
    endpointUrl: server.url,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: 1,
    quotaShare: Number.POSITIVE_INFINITY,
  };
  const owners = connect(endpoint);
  const sns = owners.client(SNSClient);
  await owners.client(DynamoDBClient).send(new CreateTableCommand(createLedgerTableInput(TABLE)));
  const topic = async (Name: string) => {
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: ADDRESS }));
    return TopicArn;
  };
  const topicArns = { digest: await topic(TOPICS.digest), approvals: await topic(TOPICS.approvals) };
  server.confirmSubscriptions();
  const contents = createLedgerContents(owners, TABLE);
  const nowMs = () => account.nowMs();

  /** Everything that functions reach, over one connection. */
  function portsOn(connection: Connection, tokens: TaskCallbacks, executions: ExecutionsPort) {
    const callbacks = createCallbacks(connection);
    return {
      ...createReadPorts(connection),
      ledger: createLedger(connection, { tableName: TABLE, nowMs }),
      changes: createChangeLedger(connection, { tableName: TABLE, nowMs }),
      queueWriter: createQueueWriter(connection),
      notifier: createNotifier(connection, topicArns.digest),
      approvalNotifier: createNotifier(connection, topicArns.approvals),
      subscriptions: createSubscriptions(connection),
      executions,
      secrets: createSecrets(),
      callbacks: {
        // The workflow runs in this process: the account is asked, and does not know its tokens.
        wake: async (token: string) => {
          await callbacks.wake(token);
          return tokens.wake(token);
        },
      },
      nowMs,
    };
  }

  /** The stack of a template. */
  async function deploy(template: Template) {
    const calls: RecordedCalls = new Map();
    const settings = settingsOf(template);
    const isObserving = settings.change.mode === "observe";
    const tokens = new TaskCallbacks();
    const executions = new Map<string, PromiseWithResolvers<unknown>>();
    let scans = 0;
    let asked = Promise.withResolvers<void>();
    let whileObserved = () => Promise.resolve();
    const stateMachineArn = isObserving ? undefined : await createRemediation();

    /** By the name of the function, and of the states that call it. */
    function handlersOn(connection: Connection): Record<string, Handler> {
      const ports = portsOn(connection, tokens, executionsOn(connection));
      const audiences: Proposing["audiences"] = [
        { topicArn: topicArns.digest, what: "the digest", addresses: [ADDRESS] },
        { topicArn: topicArns.approvals, what: "requests for approval", addresses: [ADDRESS] },
      ];
      const addresses = { pageUrl: PAGE_URL, functionName: "Approvals", region: REGION, snoozeDays: 30 };
      const options = { pollIntervalMs: POLL_INTERVAL_MS, lastAttempt: LOOKS };
      const proposing: Proposing = {
        ports,
        settings: settings.change,
        audiences: isObserving ? audiences.slice(0, 1) : audiences,
      };
      return {
        ...remediationHandlers(ports, settings, addresses, options),
        ...scanHandlers(ports, settings.scan, { ...options, proposing }),
        Approvals: inProcess(approvals(settings, ports)),
      };
    }

    function executionsOn(connection: Connection): ExecutionsPort {
      if (stateMachineArn === undefined) return NO_EXECUTIONS;
      const { start, status } = createExecutions(connection, stateMachineArn);
      return {
        start: (changeId) => {
          executions.set(changeId, Promise.withResolvers());
          return start(changeId);
        },
        status,
      };
    }

    function functionNamed(name: string): Handler {
      const recorded = (turn?: Turn) =>
        recordCalls(connect({ ...endpoint, ...(turn && { turn }) }), name, calls);
      const turn = createSharedTurns(recorded(), { tableName: TABLE, wait: async () => {} });
      const handler = handlersOn(SHARING.includes(name) ? recorded(turn) : recorded())[name];
      if (handler === undefined) throw new Error(`expected a function ${name}`);
      return async (event) => {
        // What is done about the first message that cannot be sent takes calls of its own.
        const hasPublished = [...(calls.get(name) ?? [])].some((call) => call.startsWith(PUBLISH));
        const fault: Fault = { kind: "throttle", operation: PUBLISH, times: hasPublished ? 0 : 1 };
        server.faults.add(fault);
        try {
          const answer = await handler(event);
          if (name === "RequestApproval") asked.resolve();
          return answer;
        } finally {
          server.faults.remove(fault);
          await contents.splitDocuments();
        }
      };
    }

    const functions = Object.fromEntries(functionNames(template).map((name) => [name, functionNamed(name)]));
    const { Apply } = functions;
    const byState = { ...functions, ...(Apply && { RollBack: Apply }) };

    /** Executions are the account's; what they do is done here, where waits take no time. */
    async function createRemediation(): Promise<string | undefined> {
      server.registerFunctionHandler("remediation", (event) => {
        const { changeId } = event as { readonly changeId: string };
        const execution = runWorkflow({
          definition: remediationDefinition,
          handlers: byState,
          callbacks: tokens,
          onWait: async (state, seconds) => {
            if (state === "Observe") await whileObserved();
            account.advanceTo(nowMs() + seconds * 1000);
          },
          input: { changeId },
          executionName: changeId,
          machineName: "remediation",
          retryMs: 0,
        });
        executions.get(changeId)?.resolve(execution);
        return execution;
      });
      const created = await owners.client(SFNClient).send(
        new CreateStateMachineCommand({
          name: withoutHash(stateMachineOf(template, "remediation")[0]),
          roleArn: "arn:aws:iam::123456789012:role/states",
          definition: JSON.stringify(ONE_FUNCTION),
        }),
      );
      return created.stateMachineArn;
    }

    return {
      calls,
      /** By name. */
      functions,
      scan: () => {
        asked = Promise.withResolvers();
        scans += 1;
        return runWorkflow({
          definition: scanDefinition,
          handlers: byState,
          input: { scheduledTime: new Date(nowMs()).toISOString() },
          executionName: `scan-${scans}`,
          waitMs: POLL_INTERVAL_MS,
          retryMs: 0,
        });
      },
      /** Link and code of the request for approval that follows the last scan. */
      request: async () => {
        await asked.promise;
        const text = server.published().at(-1)?.bodies["email"] ?? "";
        return {
          linkId: new RegExp(`${PAGE_URL}([\\w-]{43})`).exec(text)?.[1] ?? "",
          code: /Code: (\S+)/.exec(text)?.[1] ?? "",
        };
      },
      /** What else happens while a change is watched. */
      whileObserved: (action: () => Promise<void>) => {
        whileObserved = action;
      },
      /** When all executions have ended. */
      ended: () => Promise.all([...executions.values()].map(({ promise }) => promise)),
    };
  }

  return {
    account,
    truth,
    server,
    nowMs,
    deploy,
    /** Not recorded. */
    changes: createChangeLedger(owners, { tableName: TABLE, nowMs }),
    forgetAll: contents.forgetAll,
  };
}

const ONE_FUNCTION = {
  StartAt: "Run",
  States: {
    Run: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "remediation", "Payload.$": "$" },
      End: true,
    },
  },
};

/** As the functions are told. */
function settingsOf(template: Template) {
  const variables = (name: string) => functionOf(template, name)[1].Properties.Environment.Variables;
  return {
    scan: ScanSettings.parse(JSON.parse(variables("Discover").SETTINGS)),
    change: ChangeSettings.parse(JSON.parse(variables("ProposeChanges").CHANGE_SETTINGS)),
  };
}
