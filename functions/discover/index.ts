// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { createAccount } from "../../aws/account.ts";
import { createAsyncEvents } from "../../aws/async-events.ts";
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createMappings } from "../../aws/mappings.ts";
import { createQueues } from "../../aws/queues.ts";
import { createQueueTagIndex } from "../../aws/tags.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { DiscoverEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(DiscoverEnv, process.env);
const connection = connect();
const ports = {
  account: createAccount(connection),
  mappings: createMappings(connection),
  asyncEvents: createAsyncEvents(connection),
  queues: createQueues(connection, createQueueTagIndex(connection)),
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  calls: connection.calls,
};

export const handler = createHandler(env.SETTINGS, ports, powertools("Discover"));
