// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createLogs } from "../../aws/logs.ts";
import { createSharedTurns } from "../../aws/shared-turns.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { StartQueriesEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(StartQueriesEnv, process.env);
const turn = createSharedTurns(connect(), { tableName: env.LEDGER_TABLE });
const connection = connect({ turn });
const ports = {
  logs: createLogs(connection),
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  calls: connection.calls,
  nowMs: Date.now,
};

export const handler = createHandler(env.SETTINGS, ports, powertools("StartQueries"));
