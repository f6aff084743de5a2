// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.

import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { ConcludeApprovalEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(ConcludeApprovalEnv, process.env);
const connection = connect();
const ports = {
  changes: createChangeLedger(connection, { tableName: env.LEDGER_TABLE }),
  nowMs: Date.now,
};

export const handler = createHandler(ports, powertools("ConcludeApproval"));
