import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import { ClaimScanEnv } from "../functions/claim-scan/config.ts";
import { CollectDeliveriesEnv } from "../functions/collect-deliveries/config.ts";
import { DiagnoseEnv } from "../functions/diagnose/config.ts";
import { DiscoverEnv } from "../functions/discover/config.ts";
import { MeasureEnv } from "../functions/measure/config.ts";
import { NotifyEnv } from "../functions/notify/config.ts";
import { StartQueriesEnv } from "../functions/start-queries/config.ts";
import { SummariseEnv } from "../functions/summarise/config.ts";
import {
  asyncSourcesAccess,
  concurrencyAccess,
  listingAccess,
  metricsAccess,
  pathAccess,
  queryAccess,
  queryResultsAccess,
  samplingAccess,
} from "./account-access.ts";
import type { AppFunction } from "./app-function.ts";
import type { EmailTopic } from "./email-topic.ts";
import {
  type FunctionContext,
  ledgerEnvironment,
  ledgerFunction,
  scanEnvironment,
} from "./ledger-function.ts";

export interface ScanFunctionsProps extends FunctionContext {
  readonly digest: EmailTopic;
  /** Absent where nobody is asked anything. */
  readonly approvals: EmailTopic | undefined;
}

/** Every state of the scan but ProposeChanges, which needs the workflow that some of these serve too. */
type ScanState =
  | "ClaimScan"
  | "Discover"
  | "Measure"
  | "StartQueries"
  | "CollectDeliveries"
  | "Diagnose"
  | "Summarise"
  | "Notify";

/** The functions of the scan workflow, and what each may read besides the ledger. */
export class ScanFunctions extends Construct {
  /** By the name of the state that calls the function. */
  readonly byState: Readonly<Record<ScanState, AppFunction>>;

  constructor(scope: Construct, id: string, props: ScanFunctionsProps) {
    super(scope, id);
    const { configuration, digest, approvals } = props;
    const ledger = ledgerEnvironment(props);
    const scan = scanEnvironment(props);

    this.byState = {
      ClaimScan: ledgerFunction(this, "ClaimScan", props, {
        description: "Claims the scan of a scheduled time, so that it runs once",
        ledger: ["GetItem", "PutItem"],
        env: ClaimScanEnv,
        environment: scan,
      }),
      Discover: ledgerFunction(this, "Discover", props, {
        description: "Finds every queue that a function consumes",
        ledger: ["GetItem", "PutItem", "Query"],
        env: DiscoverEnv,
        environment: scan,
        timeout: Duration.seconds(290),
        access: [...pathAccess, ...listingAccess, ...(configuration.asyncSources ? asyncSourcesAccess : [])],
      }),
      Measure: ledgerFunction(this, "Measure", props, {
        description: "Measures a batch of delivery paths",
        ledger: ["GetItem", "PutItem", "Query"],
        env: MeasureEnv,
        environment: scan,
        timeout: Duration.seconds(55),
        access: [...metricsAccess, ...concurrencyAccess, ...(configuration.sampling ? samplingAccess : [])],
      }),
      StartQueries: ledgerFunction(this, "StartQueries", props, {
        description: "Starts the log queries of a batch, within the byte budget",
        ledger: ["GetItem", "PutItem", "Query", "UpdateItem"],
        env: StartQueriesEnv,
        environment: scan,
        timeout: Duration.seconds(55),
        access: queryAccess,
      }),
      CollectDeliveries: ledgerFunction(this, "CollectDeliveries", props, {
        description: "Turns the rows of log queries into deliveries",
        ledger: ["GetItem", "PutItem", "Query", "UpdateItem"],
        env: CollectDeliveriesEnv,
        environment: scan,
        timeout: Duration.seconds(55),
        // One full virtual CPU: it parses up to 100,000 log lines a query.
        memorySizeMb: 1769,
        // Both: a query that found no room at first is started at a later look.
        access: [...queryAccess, ...queryResultsAccess],
      }),
      Diagnose: ledgerFunction(this, "Diagnose", props, {
        description: "Names the cause on each path of a batch",
        ledger: ["GetItem", "PutItem", "Query"],
        env: DiagnoseEnv,
        environment: scan,
        timeout: Duration.seconds(55),
      }),
      Summarise: ledgerFunction(this, "Summarise", props, {
        description: "Writes the finding document and the digest",
        ledger: ["BatchWriteItem", "GetItem", "PutItem", "Query"],
        env: SummariseEnv,
        environment: {
          ...ledger,
          DIGEST_TOPIC_ARN: digest.topic.topicArn,
          DIGEST_SUBSCRIBERS: configuration.notifyEmail.join(","),
          ...(approvals && {
            APPROVAL_TOPIC_ARN: approvals.topic.topicArn,
            APPROVAL_SUBSCRIBERS: configuration.approvers.join(","),
          }),
        },
        timeout: Duration.seconds(290),
        memorySizeMb: 1024,
      }),
      Notify: ledgerFunction(this, "Notify", props, {
        description: "Sends the digest, once",
        ledger: ["BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"],
        env: NotifyEnv,
        environment: { ...ledger, DIGEST_TOPIC_ARN: digest.topic.topicArn },
      }),
    };
    const { Summarise, Notify } = this.byState;
    digest.grantPublish(Notify.role);
    for (const topic of [digest, approvals]) topic?.grantListSubscriptions(Summarise.role);
  }
}
