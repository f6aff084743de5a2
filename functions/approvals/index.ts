// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { createCallbacks } from "../../aws/callbacks.ts";
import { createChangeLedger } from "../../aws/change-ledger.ts";
import { connect } from "../../aws/connection.ts";
import { createMappings } from "../../aws/mappings.ts";
import { createQueues } from "../../aws/queues.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { ApprovalsEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(ApprovalsEnv, process.env);
const connection = connect();
const ports = {
  changes: createChangeLedger(connection, { tableName: env.LEDGER_TABLE }),
  mappings: createMappings(connection),
  queues: createQueues(connection),
  callbacks: createCallbacks(connection),
  nowMs: Date.now,
};

export const handler = createHandler(
  { scan: env.SETTINGS, change: env.CHANGE_SETTINGS },
  ports,
  powertools("Approvals"),
);
