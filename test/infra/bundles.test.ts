// Every bundle exactly as a deployment would upload it, loaded where a deployment would run it: a plain Node
// process with no node_modules beside it and the environment of the template. Types, lint, unit tests and synth
// have all passed on bundles that could not load.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { createApp, createStack } from "../support/synthesised-stack.ts";

/** Above it a bundle holds something that its state does not need: a whole other SDK, the CDK, a CommonJS zod. */
const MAX_BUNDLE_BYTES = 2_000_000;

/** Loads the bundle and hands it an event that it must refuse, which runs every middleware once. */
const PROBE = `
const { handler } = await import("./index.mjs");
const context = { functionName: "probe", awsRequestId: "probe", getRemainingTimeInMillis: () => 30_000 };
const refusal = await handler({}, context).then(() => "nothing", (error) => error.name);
console.log("\\nPROBE " + JSON.stringify({ handler: typeof handler, refusal }));
`;

interface BundledFunction {
  readonly id: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Reference = { readonly Ref: string } | { readonly "Fn::GetAtt": readonly [string, string] };

/** What a deployment would put in the place of a reference, by the type of what it points to. */
const RESOLVED: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "ledger",
  "AWS::Lambda::Function": "approvals",
  "AWS::Lambda::Url": "https://abc.lambda-url.eu-west-1.on.aws/",
  "AWS::SNS::Topic": "arn:aws:sns:eu-west-1:123456789012:topic",
  "AWS::StepFunctions::StateMachine": "arn:aws:states:eu-west-1:123456789012:stateMachine:machine",
};

const work = mkdtempSync(join(tmpdir(), "doubletake-bundles-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const bundled = bundleAll();

function bundleAll(): BundledFunction[] {
  const app = createApp({ bundling: true, outdir: join(work, "cdk.out") });
  const stack = createStack({ notifyEmail: ["team@example.org"] }, app);
  const assembly = app.synth();
  const { template } = assembly.getStackByName(stack.stackName);
  const assets = JSON.parse(
    readFileSync(join(assembly.directory, `${stack.artifactId}.assets.json`), "utf8"),
  ).files;
  const resources = template.Resources as Record<string, { Type: string; Properties: FunctionProperties }>;
  return Object.entries(resources)
    .filter(([, { Type }]) => Type === "AWS::Lambda::Function")
    .map(([id, { Properties }]) => {
      const hash = Properties.Code.S3Key.replace(/\.zip$/, "");
      return {
        id,
        directory: join(assembly.directory, assets[hash].source.path),
        environment: Object.fromEntries(
          Object.entries(Properties.Environment.Variables).map(([name, value]) => [
            name,
            typeof value === "string" ? value : resolved(value, (target) => resources[target]?.Type ?? ""),
          ]),
        ),
      };
    });
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Environment: { readonly Variables: Readonly<Record<string, string | Reference>> };
}

function resolved(reference: Reference, typeOf: (id: string) => string): string {
  const type = typeOf("Ref" in reference ? reference.Ref : reference["Fn::GetAtt"][0]);
  const value = RESOLVED[type];
  if (value === undefined) throw new Error(`expected a known reference, got one to ${type}`);
  return value;
}

function probe({ id, directory, environment }: BundledFunction): unknown {
  const place = join(work, id);
  cpSync(directory, place, { recursive: true });
  writeFileSync(join(place, "probe.mjs"), PROBE);
  const stdout = execFileSync(process.execPath, ["probe.mjs"], {
    cwd: place,
    encoding: "utf8",
    stdio: "pipe",
    env: {
      ...environment,
      AWS_REGION: "eu-west-1",
      // As on Lambda, so that the tracer is on.
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_NAME: "probe",
      LAMBDA_TASK_ROOT: "/var/task",
      _HANDLER: "index.handler",
      _X_AMZN_TRACE_ID: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1",
    },
  });
  const line = stdout.split("\n").find((text) => text.startsWith("PROBE "));
  return JSON.parse(line?.slice("PROBE ".length) ?? "null");
}

describe("every bundle", () => {
  test("there is one for each folder", () => {
    const folders = readdirSync(new URL("../../functions", import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "shared")
      .map(({ name }) => name);
    expect(bundled).toHaveLength(folders.length);
  });

  test.each(bundled)("$id loads, and refuses an empty event by name", (fn) => {
    expect(probe(fn)).toEqual({ handler: "function", refusal: "ContractError" });
  });

  test.each(bundled)("$id is small", ({ id, directory }) => {
    const { size } = statSync(join(directory, "index.mjs"));
    process.stdout.write(`bundle ${id}: ${(size / 1e6).toFixed(2)} MB\n`);
    expect(size).toBeLessThan(MAX_BUNDLE_BYTES);
  });
});
