// Writes dist/cdk, what `doubletake/cdk` is in the package: the construct as JavaScript with its types, the state
// machines' definitions, and each function bundled as a deployment from the checkout would bundle it.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type AssetStaging, Stack } from "aws-cdk-lib";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { functionCode } from "../infra/function-code.ts";

const ROOT = join(import.meta.dirname, "..");
const TARGET = join(ROOT, "dist/cdk");

rmSync(TARGET, { recursive: true, force: true });
compile();
copyDefinitions();
bundleFunctions();

function compile(): void {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.cdk.json")], { stdio: "inherit" });
}

function copyDefinitions(): void {
  const folder = join(ROOT, "statemachine");
  mkdirSync(join(TARGET, "statemachine"));
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".asl.json"))) {
    cpSync(join(folder, name), join(TARGET, "statemachine", name));
  }
}

/** By the CDK itself, so that a function has the same bytes, and so the same asset, from checkout and package. */
function bundleFunctions(): void {
  const outdir = mkdtempSync(join(tmpdir(), "doubletake-bundles-"));
  try {
    const stack = new Stack(new App({ outdir, analyticsReporting: false }), "Bundles");
    for (const folder of readdirSync(join(ROOT, "functions"))) {
      if (!existsSync(join(ROOT, "functions", folder, "index.ts"))) continue;
      const { node } = new NodejsFunction(stack, folder, functionCode(folder));
      const staging = node.findChild("Code").node.findChild("Stage") as AssetStaging;
      cpSync(staging.absoluteStagedPath, join(TARGET, "bundles", folder), { recursive: true });
    }
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
