// Where a function's code comes from. In a checkout it is bundled from its source whenever an app is synthesised; the
// package holds bundles that `npm run build` made in the same way, so that whoever installs it needs no esbuild.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Architecture, Code, Runtime } from "aws-cdk-lib/aws-lambda";
import {
  type BundlingOptions,
  LogLevel,
  type NodejsFunctionProps,
  OutputFormat,
} from "aws-cdk-lib/aws-lambda-nodejs";

const ROOT = join(import.meta.dirname, "..");

/** Beside `infra/` in the package only. */
const BUNDLES = join(ROOT, "bundles");

/**
 * The X-Ray SDK inside Powertools' tracer is CommonJS and calls `require`, which an ES module does not have.
 * The imported name is one that no bundled module uses.
 */
const REQUIRE_BANNER =
  'import { createRequire as createRequireOfDoubletakeBundle } from "node:module"; ' +
  "const require = createRequireOfDoubletakeBundle(import.meta.url);";

/**
 * The SDK is bundled, so that what was tested is what runs. Not minified: a readable stack trace is worth
 * more than a faster cold start in a job that runs a few times a day.
 */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: "node24",
  mainFields: ["module", "main"],
  bundleAwsSDK: true,
  banner: REQUIRE_BANNER,
  logLevel: LogLevel.WARNING,
};

/** @param folder under `functions/`; its `index.ts` is the entry point. */
export function functionCode(folder: string): NodejsFunctionProps {
  const bundle = join(BUNDLES, folder);
  return {
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    ...(existsSync(bundle)
      ? { code: Code.fromAsset(bundle), handler: "index.handler" }
      : {
          entry: join(ROOT, "functions", folder, "index.ts"),
          projectRoot: ROOT,
          depsLockFilePath: join(ROOT, "package-lock.json"),
          bundling: BUNDLING,
        }),
  };
}
