// `doubletake analyze` on what the simulated account's logs look like after every way out of CloudWatch.
import { gzipSync } from "node:zlib";
import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { main } from "../../cli/main.ts";
import { FindingDocument, pathArn } from "../../core/model/finding.ts";
import { createAccount } from "../../simulator/create-account.ts";
import { startServer } from "../../simulator/server.ts";
import { awsCli, awsCliVersion } from "../support/aws-cli.ts";
import {
  EXPORT_FORMATS,
  EXPORTERS,
  type ExportedEvent,
  type ExportedFiles,
  tailShort,
} from "../support/exported-logs.ts";
import { fakeIo } from "../support/fake-io.ts";
import { removeTemporaryFiles, temporaryFiles } from "../support/temporary-files.ts";

const NOW_MS = Date.parse("2026-11-23T18:00:00Z");
const REGION = "us-east-1";
/** One that each kind of evidence in logs shows, and a healthy one. */
const SCENARIOS = [
  "visibility-expired",
  "deleted-too-late",
  "function-timeout",
  "partial-batch-replay",
  "several-consumers",
  "producer-duplicate",
  "healthy",
];
/** Enough for each cause to show, and quick to write in sixteen formats. */
const EXPORTED_MS = 3_600_000;

const version = awsCliVersion();

interface Exported {
  /** By log group, in the order of FilterLogEvents. */
  readonly groups: ReadonlyMap<string, readonly ExportedEvent[]>;
  /** What the AWS CLI would have saved of queues, mappings and functions. */
  readonly configs: Readonly<Record<string, string>>;
  /** What the AWS CLI itself wrote of the first log group, by file name; nothing where none is installed. */
  readonly byCli: ExportedFiles;
  /** What really happens on each queue. */
  readonly truth: readonly {
    readonly queueArn?: string | undefined;
    readonly functionArns: readonly string[];
    readonly causes: readonly string[];
  }[];
}

/** Everything over the wire, as somebody with the AWS CLI would fetch it. */
async function exportAccount(): Promise<Exported> {
  const { account, truth } = createAccount({ seed: 11, scenarios: SCENARIOS, endMs: NOW_MS, hours: 6 });
  const server = await startServer({ account });
  const client = {
    endpoint: server.url,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const logs = new CloudWatchLogsClient(client);
  const groups = new Map<string, ExportedEvent[]>();
  for (const { name } of account.logGroups()) {
    const events: FilteredLogEvent[] = [];
    const pages = paginateFilterLogEvents(
      { client: logs },
      { logGroupName: name, startTime: NOW_MS - EXPORTED_MS },
    );
    for await (const page of pages) events.push(...(page.events ?? []));
    groups.set(
      name,
      events.map(({ timestamp = 0, logStreamName = "", message = "" }) => ({
        timestampMs: timestamp,
        logStream: logStreamName,
        message,
      })),
    );
  }
  const sqs = new SQSClient(client);
  const lambda = new LambdaClient(client);
  const configs: Record<string, string> = {
    "mappings.json": JSON.stringify(await lambda.send(new ListEventSourceMappingsCommand({}))),
    "functions.json": JSON.stringify(
      await Promise.all(
        account
          .functions()
          .map(({ name }) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }))),
      ),
    ),
  };
  for (const { name, url } of account.queues()) {
    const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }));
    configs[`${name}.json`] = JSON.stringify(answer);
  }
  for (const each of [logs, sqs, lambda]) each.destroy();
  const [first = ""] = groups.keys();
  const byCli = version === undefined ? {} : await exportWithCli(server.url, first);
  await server.close();
  return { groups, configs, byCli, truth: truth.paths() };
}

async function exportWithCli(url: string, logGroup: string): Promise<Record<string, string>> {
  const aws = (...args: string[]) => awsCli(url, REGION, ["logs", ...args, "--log-group-name", logGroup]);
  const since = ["--start-time", String(NOW_MS - EXPORTED_MS)];
  const events = "events[].[timestamp,logStreamName,message]";
  return {
    "filter.json": await aws("filter-log-events", ...since, "--output", "json"),
    "filter.txt": await aws("filter-log-events", ...since, "--output", "text"),
    "query.txt": await aws("filter-log-events", ...since, "--query", events, "--output", "text"),
  };
}

describe("analyze", () => {
  let account: Exported;
  let configArgs: readonly string[];
  let reference: FindingDocument;
  beforeAll(async () => {
    account = await exportAccount();
    configArgs = Object.keys(account.configs).flatMap((name) => ["--queue-config", name]);
    reference = await documentOf(exported(EXPORTERS["filter-log-events"]), ...configArgs);
  });
  afterAll(removeTemporaryFiles);

  async function analyze(args: readonly string[], stdin?: Uint8Array) {
    const io = fakeIo({
      nowMs: () => NOW_MS,
      files: account.configs,
      ...(stdin === undefined ? {} : { stdin }),
    });
    const code = await main(["analyze", ...args], io);
    return { code, out: io.out(), err: io.err() };
  }

  async function documentOf(...args: string[]): Promise<FindingDocument> {
    const { out, err } = await analyze(["--format", "json", "--quiet", ...args]);
    expect(err).toBe("");
    return FindingDocument.parse(JSON.parse(out));
  }

  /** Each log group exported for itself, below one folder. */
  function exported(exporter: (events: readonly ExportedEvent[], logGroup: string) => ExportedFiles): string {
    const files = [...account.groups].flatMap(([group, events]) =>
      Object.entries(exporter(events, group)).map(
        ([path, content]) => [`${group.slice(1)}/${path}`, content] as const,
      ),
    );
    return temporaryFiles(Object.fromEntries(files));
  }

  const outline = ({ findings }: FindingDocument) =>
    findings.map((each) => [pathArn(each), each.cause, each.evidence, each.counts, each.examples]);

  test("proves what is there and nothing else, from the logs alone", () => {
    const proven = reference.findings.filter(({ evidence }) => evidence === "proven");
    for (const { queueArn, causes } of account.truth) {
      const found = proven.filter((finding) => finding.queueArn === queueArn).map(({ cause }) => cause);
      expect(found).toEqual(expect.arrayContaining([...causes]));
      if (causes.length === 0) expect(found).toEqual([]);
    }
    const verdicts = Object.fromEntries(reference.paths.map((path) => [pathArn(path), path.verdict]));
    const healthy = account.truth.find(({ causes }) => causes.length === 0);
    expect(verdicts[healthy?.queueArn ?? ""]).toBe("healthy");
    expect(Object.values(verdicts).filter((verdict) => verdict === "duplicating").length).toBeGreaterThan(3);
  });

  test("proposes no change, and says what was not read", () => {
    expect(reference.findings.filter(({ plan }) => plan !== undefined)).toEqual([]);
    expect(reference.scan.unreadable).toEqual([
      { resource: "CloudWatch metrics", reason: expect.stringMatching(/^log files hold none/) },
    ]);
    const expired = reference.findings.find(({ cause }) => cause === "visibility-expired");
    expect(expired?.explanation).toContain(
      "No change is proposed as long as CloudWatch metrics cannot be read",
    );
    expect(expired?.advice[0]?.patch).toHaveProperty("terraform");
    expect(reference.scan).toMatchObject({ account: "123456789012", region: REGION, apiCalls: {} });
  });

  test.each(EXPORT_FORMATS)("finds exactly the same in: %s", async (format) => {
    const document = await documentOf(exported(EXPORTERS[format]), ...configArgs);
    expect(outline(document)).toEqual(outline(reference));
    expect(document.paths).toEqual(reference.paths);
  });

  const withCli = version === undefined ? test.skip : test;
  withCli(
    `finds the same in what the AWS CLI itself wrote (${version ?? "skipped: no `aws` on the PATH"})`,
    async () => {
      const [events = []] = account.groups.values();
      const own = temporaryFiles(EXPORTERS["one event a line"](events));
      const expected = await documentOf(own, ...configArgs);
      expect(expected.findings.length).toBeGreaterThan(0);
      for (const [name, content] of Object.entries(account.byCli)) {
        const document = await documentOf(temporaryFiles({ [name]: content }), ...configArgs);
        expect(outline(document)).toEqual(outline(expected));
      }
    },
  );

  test("tail --format short has no streams and whole seconds: no other cause is found there, and few are lost", async () => {
    const document = await documentOf(exported(tailShort), ...configArgs);
    const causes = ({ findings }: FindingDocument) =>
      findings
        .filter(({ evidence }) => evidence === "proven")
        .map((each) => `${pathArn(each)} ${each.cause}`);
    expect(causes(reference)).toEqual(expect.arrayContaining(causes(document)));
    expect(causes(document)).toContainEqual(expect.stringContaining("visibility-expired"));
  });

  test("without settings it says what needs none", async () => {
    const document = await documentOf(exported(EXPORTERS["export to S3"]));
    const causes = new Set(document.findings.map(({ cause }) => cause));
    expect(causes).toEqual(
      new Set([
        "visibility-expired",
        "function-timeout",
        "function-error",
        "partial-batch-replay",
        "producer-duplicate",
        // Deleted too late, or handed back by one consumer to another: only the settings tell.
        "unknown",
      ]),
    );
    expect(document.findings.filter(({ plan }) => plan !== undefined)).toEqual([]);
    expect(document.scan.unreadable).toContainEqual({
      resource: expect.stringMatching(/^arn:aws:sqs:/),
      reason: "its settings are in no log file and were not given",
    });
  });

  test("what is piped in, gzipped, is read too, and the exit code is that of a scan", async () => {
    const group = [...account.groups.keys()].find((name) =>
      account.truth.some(
        ({ causes, functionArns }) =>
          causes.includes("visibility-expired") &&
          functionArns.some((arn) => name.endsWith(`/${arn.split(":").at(-1)}`)),
      ),
    );
    const [text = ""] = Object.values(EXPORTERS["tail (detailed)"](account.groups.get(group ?? "") ?? []));
    const { code, out, err } = await analyze(["-"], gzipSync(text));
    expect(code).toBe(1);
    expect(out).toMatch(/^1\. visibility-expired: processed twice/m);
    expect(err.split("\n").map((line) => line.slice(9))).toEqual([
      "Finding the files",
      expect.stringMatching(/^Looking through 1 file \(/),
      expect.stringMatching(/^Reading 1 file \(.*\) in order of time$/),
      "",
    ]);
    expect((await analyze(["--fail-on", "never", "--quiet", "-"], gzipSync(text))).code).toBe(0);
  });
});
