import { Duration } from "aws-cdk-lib";
import type { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { Construct } from "constructs";
import { ScanSettings } from "../core/model/settings.ts";
import { ClaimScanEnv } from "../functions/claim-scan/config.ts";
import { CollectDeliveriesEnv } from "../functions/collect-deliveries/config.ts";
import { DiagnoseEnv } from "../functions/diagnose/config.ts";
import { DiscoverEnv } from "../functions/discover/config.ts";
import { MeasureEnv } from "../functions/measure/config.ts";
import { NotifyEnv } from "../functions/notify/config.ts";
import { StartQueriesEnv } from "../functions/start-queries/config.ts";
import { SummariseEnv } from "../functions/summarise/config.ts";
import {
  type Access,
  asyncSourcesAccess,
  discoveryAccess,
  grantAccess,
  metricsAccess,
  queryAccess,
  queryResultsAccess,
  samplingAccess,
} from "./account-access.ts";
import { AppFunction, type AppFunctionProps, type EnvSchema } from "./app-function.ts";
import type { StackConfiguration } from "./configuration.ts";
import type { EmailTopic } from "./email-topic.ts";
import type { LedgerTable } from "./ledger-table.ts";

export interface ScanFunctionsProps {
  readonly configuration: StackConfiguration;
  readonly ledger: LedgerTable;
  readonly digest: EmailTopic;
}

/** The functions of the scan workflow, and what each may read besides the ledger. */
export class ScanFunctions extends Construct {
  /** By the name of the state that calls the function. */
  readonly byState: Readonly<Record<string, NodejsFunction>>;

  constructor(scope: Construct, id: string, props: ScanFunctionsProps) {
    super(scope, id);
    const ledger = { LEDGER_TABLE: props.ledger.table.tableName };
    const scan = { ...ledger, SETTINGS: JSON.stringify(ScanSettings.parse(props.configuration)) };

    const functions = {
      ClaimScan: this.add("ClaimScan", props, {
        description: "Claims the scan of a scheduled time, so that it runs once",
        env: ClaimScanEnv,
        environment: scan,
      }),
      Discover: this.add("Discover", props, {
        description: "Finds every queue that a function consumes",
        env: DiscoverEnv,
        environment: scan,
        timeout: Duration.seconds(290),
        access: [...discoveryAccess, ...(props.configuration.asyncSources ? asyncSourcesAccess : [])],
      }),
      Measure: this.add("Measure", props, {
        description: "Measures a batch of delivery paths",
        env: MeasureEnv,
        environment: scan,
        timeout: Duration.seconds(55),
        access: [...metricsAccess, ...(props.configuration.sampling ? samplingAccess : [])],
      }),
      StartQueries: this.add("StartQueries", props, {
        description: "Starts the log queries of a batch, within the byte budget",
        env: StartQueriesEnv,
        environment: scan,
        timeout: Duration.seconds(55),
        access: queryAccess,
      }),
      CollectDeliveries: this.add("CollectDeliveries", props, {
        description: "Turns the rows of log queries into deliveries",
        env: CollectDeliveriesEnv,
        environment: scan,
        timeout: Duration.seconds(55),
        // One full virtual CPU: it parses up to 100,000 log lines a query.
        memorySizeMb: 1769,
        // Both: a query that found no room at first is started at a later look.
        access: [...queryAccess, ...queryResultsAccess],
      }),
      Diagnose: this.add("Diagnose", props, {
        description: "Names the cause on each path of a batch",
        env: DiagnoseEnv,
        environment: scan,
        timeout: Duration.seconds(55),
      }),
      Summarise: this.add("Summarise", props, {
        description: "Writes the finding document and the digest",
        env: SummariseEnv,
        environment: ledger,
        timeout: Duration.seconds(290),
        memorySizeMb: 1024,
      }),
      Notify: this.add("Notify", props, {
        description: "Sends the digest, once",
        env: NotifyEnv,
        environment: { ...ledger, DIGEST_TOPIC_ARN: props.digest.topic.topicArn },
      }),
    };
    props.digest.grantPublish(functions.Notify);
    this.byState = functions;
  }

  /** A state's function: the folder follows from the state's name, and every state uses the ledger. */
  private add<Env extends EnvSchema>(
    state: string,
    { configuration, ledger }: ScanFunctionsProps,
    props: StateFunctionProps<Env>,
  ): NodejsFunction {
    const { access = [], ...own } = props;
    const { function: fn, role } = new AppFunction(this, state, {
      folder: kebabCase(state),
      logRetention: configuration.logRetentionDays,
      ...own,
    });
    ledger.grantUse(role);
    grantAccess(role, access);
    return fn;
  }
}

interface StateFunctionProps<Env extends EnvSchema>
  extends Omit<AppFunctionProps<Env>, "folder" | "logRetention"> {
  /** @default nothing but the ledger */
  readonly access?: readonly Access[];
}

function kebabCase(state: string): string {
  return state.replaceAll(/(?<=.)(?=[A-Z])/g, "-").toLowerCase();
}
