// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.

import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { createExecutions } from "../../aws/executions.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { NO_EXECUTIONS } from "../../core/remediate/ports.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { ProposeChangesEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(ProposeChangesEnv, process.env);
const connection = connect();
const ports = {
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  changes: createChangeLedger(connection, { tableName: env.LEDGER_TABLE }),
  executions:
    env.REMEDIATION_STATE_MACHINE_ARN === undefined
      ? NO_EXECUTIONS
      : createExecutions(connection, env.REMEDIATION_STATE_MACHINE_ARN),
  notifier: createNotifier(connection, env.DIGEST_TOPIC_ARN),
  nowMs: Date.now,
};

export const handler = createHandler(
  { scan: env.SETTINGS, change: env.CHANGE_SETTINGS },
  ports,
  powertools("ProposeChanges"),
);
