// The stack as its users deploy it: `cdk bootstrap`, `cdk deploy`, `cdk destroy` of the project's own app.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { REGION } from "../endpoint.ts";
import { createLifetime } from "../lifetime.ts";
import { CDK, type CommandPlace, mustRun, ROOT } from "./command.ts";
import { functionsHolding } from "./template.ts";

const STACK = "Doubletake";

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
  /** Logical ids of functions, from the template that was deployed. */
  functionsHolding(action: string): readonly string[];
  /** Even in part. */
  isDeployed(): boolean;
}

/** @param configuration what a user writes under the context key `doubletake`. */
export function createDeployment(
  place: CommandPlace,
  account: string,
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
  const cdk = (at: CommandPlace, ...args: string[]) =>
    mustRun(process.execPath, [CDK, ...args, "--ci", "--no-notices"], {
      ...at,
      folder,
      env: { ...place.env, CDK_DISABLE_CLI_TELEMETRY: "true" },
    });
  let isDeployed = false;
  return {
    isDeployed: () => isDeployed,
    functionsHolding: (action) =>
      functionsHolding(action, readFileSync(join(folder, "cdk.out", `${STACK}.template.json`), "utf8")),
    bootstrap: async () => {
      await cdk(place, "bootstrap", `aws://${account}/${REGION}`);
    },
    deploy: async () => {
      isDeployed = true;
      const file = join(folder, "outputs.json");
      const { stdout, stderr } = await cdk(
        place,
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
      // Also where the run has been interrupted; of what was deployed, without building it once more.
      await cdk({ ...place, lifetime: createLifetime() }, "destroy", STACK, "--force", "--app", "cdk.out");
      isDeployed = false;
    },
  };
}
