// The stack as its users deploy it: `cdk bootstrap`, `cdk deploy`, `cdk destroy` of the project's own app.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type CommandPlace, mustRun, ROOT } from "./command.ts";

const ENVIRONMENT = "aws://000000000000/us-east-1";
const STACK = "Doubletake";
const CDK = join(ROOT, "node_modules/aws-cdk/bin/cdk");

const Outputs = z.object({
  [STACK]: z.object({
    ApprovalPageUrl: z.url(),
    ApprovalsFunctionName: z.string(),
    DigestTopicArn: z.string(),
    LedgerTableName: z.string(),
    RemediationStateMachineArn: z.string(),
    ScanStateMachineArn: z.string(),
  }),
});
export type Outputs = z.output<typeof Outputs>[typeof STACK];

export interface Deployment {
  bootstrap(): Promise<void>;
  deploy(): Promise<{ readonly outputs: Outputs; readonly said: string }>;
  destroy(): Promise<void>;
}

/** @param configuration what a user writes under the context key `doubletake`. */
export function createDeployment(
  place: CommandPlace,
  configuration: Readonly<Record<string, unknown>>,
): Deployment {
  const folder = join(place.folder, "app");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { context, ...settings } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8"));
  const json = {
    ...settings,
    app: `"${process.execPath}" "${join(ROOT, "bin/app.ts")}"`,
    context: { ...context, doubletake: configuration },
  };
  writeFileSync(join(folder, "cdk.json"), JSON.stringify(json, null, 2));
  const cdk = (...args: string[]) =>
    mustRun(process.execPath, [CDK, ...args, "--ci", "--no-notices"], {
      folder,
      env: { ...place.env, CDK_DISABLE_CLI_TELEMETRY: "true" },
    });
  return {
    bootstrap: async () => {
      await cdk("bootstrap", ENVIRONMENT);
    },
    deploy: async () => {
      const file = join(folder, "outputs.json");
      const { stdout, stderr } = await cdk(
        "deploy",
        STACK,
        "--require-approval",
        "never",
        "--outputs-file",
        file,
      );
      const outputs = Outputs.parse(JSON.parse(readFileSync(file, "utf8")));
      return { outputs: outputs[STACK], said: `${stdout}${stderr}` };
    },
    destroy: async () => {
      await cdk("destroy", STACK, "--force");
    },
  };
}
