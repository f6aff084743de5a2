// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createSubscriptions } from "../../aws/subscriptions.ts";
import type { Audience } from "../../core/scan/audience.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { SummariseEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(SummariseEnv, process.env);
const connection = connect();
const ports = {
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  calls: connection.calls,
  nowMs: Date.now,
};
const { APPROVAL_TOPIC_ARN: approvalTopicArn, APPROVAL_SUBSCRIBERS: approvers = [] } = env;
const audiences: Audience[] = [
  { topicArn: env.DIGEST_TOPIC_ARN, what: "the digest", addresses: env.DIGEST_SUBSCRIBERS },
  ...(approvalTopicArn === undefined
    ? []
    : [{ topicArn: approvalTopicArn, what: "requests for approval" as const, addresses: approvers }]),
];
const watching = {
  changes: createChangeLedger(connection, { tableName: env.LEDGER_TABLE }),
  subscriptions: createSubscriptions(connection),
  audiences,
};

export const handler = createHandler(ports, { deployed: true, watching }, powertools("Summarise"));
