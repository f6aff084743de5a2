// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { createSecrets } from "../../aws/secrets.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { RequestApprovalEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(RequestApprovalEnv, process.env);
const connection = connect();
const ports = {
  changes: createChangeLedger(connection, { tableName: env.LEDGER_TABLE }),
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  approvalNotifier: createNotifier(connection, env.APPROVAL_TOPIC_ARN),
  secrets: createSecrets(),
  nowMs: Date.now,
};
const addresses = {
  ...(env.APPROVAL_PAGE_URL === undefined ? {} : { pageUrl: env.APPROVAL_PAGE_URL }),
  functionName: env.APPROVALS_FUNCTION,
  region: env.APPROVAL_TOPIC_ARN.split(":")[3] ?? "",
  snoozeDays: env.CHANGE_SETTINGS.snoozeDays,
};

export const handler = createHandler(
  { scan: env.SETTINGS, change: env.CHANGE_SETTINGS },
  addresses,
  ports,
  powertools("RequestApproval"),
);
