import { Duration, Token } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  type Metric,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { Cause } from "../core/model/delivery.ts";
import type { ProposeChangesOutput } from "../core/model/remediation-workflow.ts";
import { causeFigure, type ScanFigures } from "../core/scan/scan-figures.ts";
import { CHANGES_LINE, SCAN_LINE } from "../functions/shared/telemetry.ts";
import { ownMetric } from "./alarms.ts";
import type { AppFunction } from "./app-function.ts";
import type { StackConfiguration } from "./configuration.ts";

export interface DashboardProps {
  /** Dashboards are the account's, not the Region's, so the name has to tell the Region. */
  readonly name: string;
  readonly configuration: Pick<StackConfiguration, "mode" | "schedule">;
  readonly scan: StateMachine;
  /** Absent where nothing is changed. */
  readonly remediation: StateMachine | undefined;
  /** By the name of the state that calls the function. */
  readonly scanFunctions: Readonly<Record<"Summarise" | "ProposeChanges", AppFunction>> &
    Readonly<Record<string, AppFunction>>;
  /** Those of the scan among them. */
  readonly functions: readonly AppFunction[];
  readonly alarms: readonly Alarm[];
  readonly deadLetterQueue: IQueue;
}

/** Of CloudWatch's 24 columns. */
const [WHOLE, TWO_THIRDS, HALF, THIRD] = [24, 16, 12, 8];
const HEIGHT = 6;

/** Scans are hours apart: shorter periods would only draw gaps. */
const PERIOD = Duration.hours(1);
const SHOWN = Duration.days(14);

const scanField = (figure: keyof ScanFigures) => `${SCAN_LINE.field}.${figure}`;
const changesField = (figure: keyof ProposeChangesOutput) => `${CHANGES_LINE.field}.${figure}`;

/**
 * How Doubletake itself does. Custom metrics are paid for by the name, so whatever is only drawn comes from log lines
 * of our own. At most 50 metrics, or it would be none of the account's three free dashboards.
 *
 * @see https://aws.amazon.com/cloudwatch/pricing/
 */
export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { name, remediation } = props;
    this.dashboard = new CloudWatchDashboard(this, "Dashboard", {
      dashboardName: Token.isUnresolved(name) ? name : name.replaceAll(/[^\w-]/g, "-"),
      defaultInterval: SHOWN,
    });
    this.dashboard.addWidgets(heading(props));
    this.dashboard.addWidgets(...state(props));
    this.dashboard.addWidgets(latestScans(props));
    this.dashboard.addWidgets(...findings(props));
    this.dashboard.addWidgets(...scans(props));
    if (remediation !== undefined) this.dashboard.addWidgets(...changes(remediation, props));
    this.dashboard.addWidgets(...functions(props));
    this.dashboard.addWidgets(...lines(props));
  }
}

function heading({ configuration: { mode, schedule } }: DashboardProps): IWidget {
  return new TextWidget({
    markdown: `# Doubletake\nMode \`${mode}\`, scans at \`${schedule}\`. What each alarm and figure means, and what to do: docs/operations.md, "The dashboard" and "When something is wrong".`,
    width: WHOLE,
    height: 2,
  });
}

function state({ alarms, deadLetterQueue }: DashboardProps): IWidget[] {
  return [
    new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: TWO_THIRDS, height: 4 }),
    new SingleValueWidget({
      title: "Now",
      metrics: [
        ownMetric("OpenFindings").with({ label: "open findings" }),
        ownMetric("UnreachableSubscribers").with({ label: "unreachable subscribers" }),
        deadLetterQueue
          .metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period: PERIOD })
          .with({ label: "scans not started" }),
      ],
      width: THIRD,
      height: 4,
    }),
  ];
}

function latestScans(props: DashboardProps): IWidget {
  const shown: Readonly<Record<string, keyof ScanFigures>> = {
    windowEnd: "windowEnd",
    paths: "paths",
    openFindings: "openFindings",
    newFindings: "newFindings",
    resolvedFindings: "resolvedFindings",
    duplicatedMessages: "duplicatedMessages",
    waitingChanges: "waitingChanges",
    unreadable: "unreadable",
    apiCalls: "apiCalls",
    logBytesScanned: "logBytesScanned",
    durationMs: "durationMs",
    costUsd: "estimatedCostUsd",
  };
  return scanTable(props, {
    title: "The latest scans",
    width: WHOLE,
    lines: [
      `fields ${Object.entries(shown)
        .map(([alias, figure]) => `${scanField(figure)} as ${alias}`)
        .join(", ")}`,
      "sort @timestamp desc",
      "limit 10",
    ],
  });
}

function findings(props: DashboardProps): IWidget[] {
  const byCause = Cause.options.map((cause) => {
    const figure = causeFigure(cause);
    return `max(${scanField("findings")}.${figure}) as ${figure}`;
  });
  return [
    scanTable(props, {
      title: "Open findings by cause",
      view: LogQueryVisualizationType.STACKEDAREA,
      width: HALF,
      lines: [`stats ${byCause.join(", ")} by bin(6h)`],
    }),
    scanTable(props, {
      title: "Messages worked on twice",
      view: LogQueryVisualizationType.BAR,
      width: HALF,
      lines: [`stats max(${scanField("duplicatedMessages")}) as duplicatedMessages by bin(6h)`],
    }),
  ];
}

function scans(props: DashboardProps): IWidget[] {
  const { scan } = props;
  return [
    graph("Scans", [
      ends(scan.metricSucceeded(), "succeeded"),
      ends(scan.metricFailed(), "failed"),
      ends(scan.metricTimedOut(), "timed out"),
      ends(scan.metricAborted(), "stopped by hand"),
    ]),
    graph("Duration of scans (ms)", [
      scan.metricTime({ statistic: "Maximum", period: PERIOD }).with({ label: "longest" }),
    ]),
    scanTable(props, {
      title: "Cost of scans a day (USD, estimated)",
      view: LogQueryVisualizationType.BAR,
      width: THIRD,
      lines: [`stats sum(${scanField("estimatedCostUsd")}) as costUsd by bin(1d)`],
    }),
  ];
}

function changes(remediation: StateMachine, { scanFunctions }: DashboardProps): IWidget[] {
  return [
    graph(
      "Workflows of changes",
      [
        ends(remediation.metricStarted(), "started"),
        ends(remediation.metricSucceeded(), "succeeded"),
        ends(remediation.metricFailed(), "failed"),
        ends(remediation.metricTimedOut(), "timed out"),
        ends(remediation.metricAborted(), "stopped by hand"),
      ],
      HALF,
    ),
    new LogQueryWidget({
      title: "The latest proposals",
      logGroupNames: [logGroupOf(scanFunctions.ProposeChanges)],
      queryLines: [
        `filter message = "${CHANGES_LINE.message}"`,
        `fields @timestamp, ${changesField("proposed")} as proposed, ${changesField("open")} as openBefore`,
        "sort @timestamp desc",
        "limit 10",
      ],
      width: HALF,
      height: HEIGHT,
    }),
  ];
}

function functions({ functions: all, scanFunctions }: DashboardProps): IWidget[] {
  const labelled = (fn: AppFunction, metric: Metric) => metric.with({ label: fn.node.id });
  return [
    graph(
      "Errors of functions",
      all.map((fn) => labelled(fn, fn.function.metricErrors({ period: PERIOD }))),
      HALF,
    ),
    graph(
      "Longest runs of the scan's functions (ms)",
      Object.values(scanFunctions).map((fn) =>
        labelled(fn, fn.function.metricDuration({ statistic: "Maximum", period: PERIOD })),
      ),
      HALF,
    ),
  ];
}

/** What Lambda writes of each run, and what the functions complain of. */
function lines({ functions: all }: DashboardProps): IWidget[] {
  const logGroupNames = all.map(logGroupOf);
  const table = (title: string, queryLines: string[]) =>
    new LogQueryWidget({ title, logGroupNames, queryLines, width: HALF, height: HEIGHT });
  return [
    table("Memory and time of functions", [
      'filter type = "platform.report"',
      "stats max(record.metrics.maxMemoryUsedMB) as peakMb, max(record.metrics.memorySizeMB) as sizeMb, max(record.metrics.durationMs) as longestMs, count(*) as runs by @log",
      "sort peakMb desc",
    ]),
    table("Warnings and errors", [
      'filter level in ["WARN", "ERROR"]',
      "fields @timestamp, state, level, message, errorName, error.message",
      "sort @timestamp desc",
      "limit 20",
    ]),
  ];
}

interface ScanTable {
  readonly title: string;
  readonly lines: readonly string[];
  readonly width: number;
  readonly view?: LogQueryVisualizationType;
}

/** Drawn from the line that Summarise writes of each scan. */
function scanTable({ scanFunctions }: DashboardProps, { lines: rest, ...props }: ScanTable): IWidget {
  return new LogQueryWidget({
    ...props,
    logGroupNames: [logGroupOf(scanFunctions.Summarise)],
    queryLines: [`filter message = "${SCAN_LINE.message}"`, ...rest],
    height: HEIGHT,
  });
}

function graph(title: string, left: IMetric[], width = THIRD): IWidget {
  return new GraphWidget({ title, left, width, height: HEIGHT, leftYAxis: { min: 0, showUnits: false } });
}

const ends = (metric: Metric, label: string) => metric.with({ period: PERIOD, statistic: "Sum", label });

const logGroupOf = (fn: AppFunction) => fn.function.logGroup.logGroupName;
