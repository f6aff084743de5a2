// The stack for whoever has no CDK: one CloudFormation template, the functions' code as zips, and how to upload both.
// CDK's own template names the bucket that `cdk bootstrap` made; this one takes bucket and prefix as parameters.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, DefaultStackSynthesizer, type IStackSynthesizer } from "aws-cdk-lib";
import { RootConstruct } from "constructs";
import { type Zippable, zipSync } from "fflate";
import { readConfiguration, type StackConfiguration } from "../infra/configuration.ts";
import { DoubletakeStack } from "../infra/doubletake-stack.ts";
import {
  addParameter,
  DEFAULT_PREFIX,
  parameterRows,
  parametersFor,
  type TemplateParameter,
  withAskedAddress,
} from "./template-parameters.ts";

const ROOT = join(import.meta.dirname, "..");

/** Zip has no earlier date; a fixed one gives the same code the same bytes. */
const FIXED_DATE = "1980-01-01T12:00:00";

/** Readable by Lambda's user, as zip keeps the mode of a file on Unix. */
const READABLE = { os: 3, attrs: 0o100644 << 16, mtime: FIXED_DATE } as const;

export interface TemplatePackage {
  /** Gets `doubletake.template.json`, `assets/` and `README.md`. */
  readonly directory: string;
  /** Context that wins over cdk.json, as with `cdk -c`. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Writes the template and what it needs.
 * @throws ConfigError that lists every problem of the configuration.
 */
export function writeTemplatePackage({ directory, context }: TemplatePackage): void {
  const outdir = mkdtempSync(join(tmpdir(), "doubletake-template-"));
  try {
    const { app, stack, parameters } = createTemplateApp(context, outdir);
    const { directory: assembly } = app.synth();
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, "doubletake.template.json"),
      readFileSync(join(assembly, stack.templateFile)),
    );
    writeZips(assembly, join(directory, "assets"), `${stack.artifactId}.assets.json`);
    writeFileSync(join(directory, "README.md"), readme(parameters));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export interface TemplateApp {
  readonly app: App;
  readonly stack: DoubletakeStack;
  readonly parameters: readonly TemplateParameter[];
}

/** The stack as a template of its own: its context, over that of cdk.json, says all but what the parameters ask for. */
export function createTemplateApp(given: Readonly<Record<string, unknown>>, outdir?: string): TemplateApp {
  const context = { ...contextOfCdkJson(), ...given };
  const isAddressed = configurationOf(context).notifyEmail.length > 0;
  const configuration = configurationOf(isAddressed ? context : withAskedAddress(context));
  const app = new App({ context, ...(outdir !== undefined && { outdir }), analyticsReporting: false });
  const stack = new DoubletakeStack(app, "Doubletake", { configuration, synthesizer: bucketByParameter() });
  const parameters = parametersFor(configuration);
  for (const parameter of parameters) addParameter(stack, parameter);
  return { app, stack, parameters };
}

function configurationOf(context: Readonly<Record<string, unknown>>): StackConfiguration {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return readConfiguration(node);
}

function bucketByParameter(): IStackSynthesizer {
  const synthesizer = new DefaultStackSynthesizer({
    // CDK puts these through Fn::Sub, which finds the parameters of the template.
    fileAssetsBucketName: placeholder("AssetsBucket"),
    bucketPrefix: placeholder("AssetsPrefix"),
    generateBootstrapVersionRule: false,
  });
  // Its qualifier may be undefined, which the interface, written without exactOptionalPropertyTypes, does not say.
  return synthesizer as IStackSynthesizer;
}

const placeholder = (parameter: string) => `\${${parameter}}`;

function contextOfCdkJson(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")).context;
}

/** One zip for each folder of the assembly, named as the template asks for it. */
function writeZips(assembly: string, directory: string, manifest: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const { files } = JSON.parse(readFileSync(join(assembly, manifest), "utf8")) as {
    files: Record<string, { source: { path: string; packaging: string } }>;
  };
  for (const [hash, { source }] of Object.entries(files)) {
    // The template itself is the one asset that is no folder.
    if (source.packaging !== "zip") continue;
    writeFileSync(join(directory, `${hash}.zip`), zipOf(join(assembly, source.path)));
  }
}

function zipOf(folder: string): Uint8Array {
  const files: Zippable = {};
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    files[path.slice(folder.length + 1)] = [new Uint8Array(readFileSync(path)), READABLE];
  }
  return zipSync(files, { level: 9 });
}

function readme(parameters: readonly TemplateParameter[]): string {
  const needed = parameters.filter(({ declaration }) => declaration.default === undefined);
  const overrides = needed.map(({ name }) => `${name}=${EXAMPLES[name]}`).join(" ");
  return `# Doubletake as a CloudFormation template

\`doubletake.template.json\` is the stack; \`assets/\` holds the code of its functions. Its parameters say where the code lies, and the settings of the table below; all others (mode, schedule and so on) are in the template already.

You need a bucket in the Region of the stack, and the AWS CLI:

\`\`\`sh
aws s3 cp assets s3://BUCKET/${DEFAULT_PREFIX} --recursive
aws cloudformation deploy --stack-name Doubletake --template-file doubletake.template.json \\
  --s3-bucket BUCKET --s3-prefix ${DEFAULT_PREFIX.slice(0, -1)} --capabilities CAPABILITY_IAM \\
  --parameter-overrides ${overrides} --tags application=doubletake
\`\`\`

\`--s3-bucket\` is where the CLI puts the template, which is longer than CloudFormation takes directly.

| parameter | default | meaning |
|---|---|---|
${parameterRows(parameters).join("\n")}

Zips are named after their content: upload those of a new version beside the old ones, and take old ones away when no stack needs them to roll back to.
`;
}

/** Of what has no default. */
const EXAMPLES: Readonly<Record<string, string>> = { AssetsBucket: "BUCKET", NotifyEmail: "you@example.com" };
