// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.

import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createNotifier } from "../../aws/notifier.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { NotifyOutcomeEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(NotifyOutcomeEnv, process.env);
const connection = connect();
const ports = {
  changes: createChangeLedger(connection, { tableName: env.LEDGER_TABLE }),
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  notifier: createNotifier(connection, env.DIGEST_TOPIC_ARN),
};

export const handler = createHandler(ports, powertools("NotifyOutcome"));
