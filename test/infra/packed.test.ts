// The package as `npm pack` makes it, in an app of its own that has no more than what its manifest asks for, linked
// from the checkout: nothing is downloaded, and no source is there to bundle. Writes dist/, as `npm pack` does.
import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Stack } from "aws-cdk-lib";
import { Doubletake, type DoubletakeProps } from "../../infra/index.ts";
import { createApp } from "../support/synthesised-stack.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Twenty bundles that share most of what they hold, none of it minified. */
const MAX_TARBALL_BYTES = 10_000_000;
/** Packing and synthesising keep two cores busy for half a minute, other tests aside. */
const SLOW_MS = 600_000;

const run = promisify(execFile);
const place = mkdtempSync(join(tmpdir(), "doubletake-packed-"));
const installed = join(place, "node_modules/doubletake");
afterAll(() => rmSync(place, { recursive: true, force: true }));

const PROPS: DoubletakeProps = { notifyEmail: ["team@example.org"], tags: { team: "platform" } };

const APP = `
import { App, Stack } from "aws-cdk-lib";
import { Doubletake } from "doubletake/cdk";

const app = new App({ context: JSON.parse(process.argv[2]), outdir: process.argv[3] });
new Doubletake(new Stack(app, "Platform"), "Doubletake", ${JSON.stringify(PROPS)});
app.synth();
`;

const COMMONJS_APP = `
const { App, Stack } = require("aws-cdk-lib");
const { Doubletake } = require("doubletake/cdk");

const { scan } = new Doubletake(new Stack(new App(), "Platform"), "Doubletake", ${JSON.stringify(PROPS)});
console.log(scan.node.path);
`;

/** Each line that is expected to be wrong shows that the types are there at all. */
const TYPED_APP = `
import { App, Stack } from "aws-cdk-lib";
import { Doubletake, type DoubletakeProps } from "doubletake/cdk";

const stack = new Stack(new App(), "Platform");
const props: DoubletakeProps = { mode: "observe", notifyEmail: ["team@example.org"] };
const { digest, remediation, scan } = new Doubletake(stack, "Doubletake", props);
const texts: (string | undefined)[] = [
  digest.topic.topicArn,
  scan.stateMachine.stateMachineArn,
  remediation?.endpoint.approvals.function.functionArn,
];
// @ts-expect-error no such mode
new Doubletake(stack, "NoMode", { mode: "fix" });
// @ts-expect-error no such setting
new Doubletake(stack, "NoSetting", { colour: "red" });
// @ts-expect-error the stack's own affair
new Doubletake(stack, "NoProtection", { terminationProtection: true });
// @ts-expect-error a text
const amount: number = digest.topic.topicArn;
export { amount, texts };
`;

const TSCONFIG = {
  compilerOptions: { module: "nodenext", target: "es2022", strict: true, noEmit: true, types: ["node"] },
  files: ["typed.ts"],
};

/** What was written to standard output. */
async function inApp(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [file, ...args], { cwd: place });
  return stdout;
}

const write = (name: string, text: string) => writeFileSync(join(place, name), text);

/** As installed, but without its copy: the checkout's will do. */
function link(name: string): void {
  const at = join(place, "node_modules", name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(join(ROOT, "node_modules", name), at);
}

interface Manifest {
  readonly bin: { readonly doubletake: string };
  readonly private: boolean;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}
const manifest = (): Manifest => JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

const templateIn = (assembly: string) =>
  JSON.parse(readFileSync(join(assembly, "Platform.template.json"), "utf8"));

/** Bundled from source, as in a checkout. */
function templateOfCheckout(): unknown {
  const app = createApp({ bundling: true, outdir: join(place, "checkout.out") });
  new Doubletake(new Stack(app, "Platform"), "Doubletake", PROPS);
  return templateIn(app.synth().directory);
}

let ofCheckout: unknown;
let tarballBytes = 0;
beforeAll(async () => {
  const packed = run("npm", ["pack", "--silent", "--pack-destination", place], { cwd: ROOT });
  ofCheckout = templateOfCheckout();
  await packed;
  const [tarball = ""] = readdirSync(place).filter((name) => name.endsWith(".tgz"));
  tarballBytes = statSync(join(place, tarball)).size;
  mkdirSync(installed, { recursive: true });
  await run("tar", ["-xzf", join(place, tarball), "-C", installed, "--strip-components=1"]);
  const { dependencies, peerDependencies } = manifest();
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) link(name);
  link("@types/node");
  write("package.json", JSON.stringify({ type: "module" }));
  write("tsconfig.json", JSON.stringify(TSCONFIG));
  write("typed.ts", TYPED_APP);
  write("app.js", APP);
  write("app.cjs", COMMONJS_APP);
}, SLOW_MS);

describe("the packed construct", () => {
  test(
    "gives the same template as in the checkout, to the bytes of each function's code",
    async () => {
      const assembly = join(place, "packed.out");
      await inApp("app.js", JSON.stringify(createApp({ bundling: true }).node.getAllContext()), assembly);
      expect(templateIn(assembly)).toEqual(ofCheckout);
    },
    SLOW_MS,
  );

  test("an app in CommonJS may require it", async () => {
    expect(await inApp("app.cjs")).toBe("Platform/Doubletake/Scan\n");
  });

  test(
    "a TypeScript app is checked against its types, libraries and all",
    async () => {
      await inApp(join(ROOT, "node_modules/typescript/bin/tsc"), "-p", ".");
    },
    SLOW_MS,
  );
});

describe("the packed command line", () => {
  test.each([
    { args: ["--help"], usage: "Usage: doubletake <command> [options]" },
    { args: ["demo", "--help"], usage: "Usage: doubletake demo [options]" },
  ])("doubletake $args", async ({ args, usage }) => {
    const file = join("node_modules/doubletake", manifest().bin.doubletake);
    expect(await inApp(file, ...args)).toContain(usage);
  });
});

describe("the package", () => {
  test("holds what runs and its types, and no source", () => {
    const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
    expect(files).toContain("dist/cdk/infra/index.d.ts");
    expect(files.filter((file) => /\.ts$/.test(file) && !file.endsWith(".d.ts"))).toEqual([]);
    expect(files.filter((file) => /^(?!dist\b)/.test(file)).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "package.json",
    ]);
  });

  test("is small enough to keep beside an app", () => {
    process.stdout.write(`tarball: ${(tarballBytes / 1e6).toFixed(1)} MB\n`);
    expect(tarballBytes).toBeLessThan(MAX_TARBALL_BYTES);
  });

  test("leaves the CDK to the app, and cannot be published by mistake", () => {
    const { dependencies, peerDependencies, private: isPrivate } = manifest();
    expect(Object.keys(peerDependencies).sort()).toEqual(["aws-cdk-lib", "constructs"]);
    expect(Object.keys(dependencies).filter((name) => /cdk|^constructs/.test(name))).toEqual([]);
    expect(isPrivate).toBe(true);
  });
});
