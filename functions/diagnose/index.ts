// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { DiagnoseEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(DiagnoseEnv, process.env);
const connection = connect();
const ports = {
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  calls: connection.calls,
};

export const handler = createHandler(env.SETTINGS, ports, powertools("Diagnose"));
