// The Lambda entry: the environment is parsed and the clients are made once, when the function loads.
import { connect } from "../../aws/connection.ts";
import { createLedger } from "../../aws/ledger.ts";
import { createMappings } from "../../aws/mappings.ts";
import { createMetrics } from "../../aws/metrics.ts";
import { createQueues } from "../../aws/queues.ts";
import { QUOTA_SHARE_OF_A_BATCH } from "../../aws/rates.ts";
import { parseEnvironment } from "../shared/environment.ts";
import { powertools } from "../shared/powertools.ts";
import { MeasureEnv } from "./config.ts";
import { createHandler } from "./handler.ts";

const env = parseEnvironment(MeasureEnv, process.env);
const connection = connect({ quotaShare: QUOTA_SHARE_OF_A_BATCH });
const ports = {
  metrics: createMetrics(connection),
  mappings: createMappings(connection),
  queues: createQueues(connection),
  ledger: createLedger(connection, { tableName: env.LEDGER_TABLE }),
  calls: connection.calls,
};

export const handler = createHandler(env.SETTINGS, ports, powertools("Measure"));
