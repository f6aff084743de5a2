// Where policies are enforced: the role of the consumers, and that of a person who scans from a laptop.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { App, BootstraplessSynthesizer, CfnOutput, type IStackSynthesizer, Stack } from "aws-cdk-lib";
import {
  AccountRootPrincipal,
  type IRole,
  Policy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import * as z from "zod";
import { type Endpoint, REGION } from "./endpoint.ts";
import { createLifetime } from "./lifetime.ts";
import { CDK, type CommandPlace, mustRun, ROOT } from "./stack/command.ts";

const STACK = "Receipts";
const CONSUMER_ACTIONS = [
  "logs:CreateLogGroup",
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
];

const Outputs = z.object({ [STACK]: z.object({ ConsumerRoleArn: z.string(), LaptopRoleArn: z.string() }) });
type Roles = z.output<typeof Outputs>[typeof STACK];
export interface DeployedRoles extends Roles {
  destroy(): Promise<void>;
}

/** Exactly what the documentation says that a scan from a laptop needs. */
function laptopActions(): string[] {
  const text = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
  const sentence = /^A laptop scan needs: ([^.]+)\./m.exec(text)?.[1];
  const actions = [...(sentence ?? "").matchAll(/`([a-z]+:\w+)`/g)].map(([, action = ""]) => action);
  if (actions.length === 0) throw new Error('no "A laptop scan needs: …" in docs/operations.md');
  return actions;
}

const allow = (actions: string[]) => new PolicyStatement({ actions, resources: ["*"] });

/** What the emulator wants on `*` of who holds, and needs on AWS, something narrower. */
const EMULATORS_OWN = [
  { holding: "lambda:GetFunctionConcurrency", wanted: "lambda:PutFunctionConcurrency" },
  // Of a query of several log groups it does not see which.
  { holding: "logs:StartQuery", wanted: "logs:StartQuery" },
];

/**
 * Deploys the roles by the CDK's own command line; needs no bootstrap.
 * @param holdersOf ARNs of the roles under test that hold an action.
 */
export async function deployRoles(
  { account, isOurs, isMiniStack }: Endpoint,
  place: CommandPlace,
  holdersOf: (action: string) => readonly string[] = () => [],
): Promise<DeployedRoles> {
  const folder = join(place.folder, "roles");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const app = new App({ outdir: join(folder, "cdk.out"), analyticsReporting: false });
  const stack = new Stack(app, STACK, {
    env: { account, region: REGION },
    // The library is not compiled with exactOptionalPropertyTypes.
    synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
  });
  const consumer = new Role(stack, "Consumer", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  consumer.addToPolicy(allow(CONSUMER_ACTIONS));
  const laptop = new Role(stack, "Laptop", { assumedBy: new AccountRootPrincipal() });
  const documented = laptopActions();
  laptop.addToPolicy(allow(documented));
  for (const [index, { holding, wanted }] of (isMiniStack ? EMULATORS_OWN : []).entries()) {
    const roles: IRole[] = holdersOf(holding).map((arn, at) =>
      Role.fromRoleArn(stack, `Holder${index}${at}`, arn),
    );
    if (documented.includes(holding)) roles.push(laptop);
    if (roles.length === 0) continue;
    new Policy(stack, `EmulatorsOwn${index}`, { statements: [allow([wanted])], roles });
  }
  new CfnOutput(stack, "ConsumerRoleArn", { value: consumer.roleArn });
  new CfnOutput(stack, "LaptopRoleArn", { value: laptop.roleArn });
  app.synth();

  const file = join(folder, "outputs.json");
  const cdk = async (at: CommandPlace, ...args: string[]) => {
    const command = [CDK, ...args, "--app", "cdk.out", "--ci", "--no-notices"];
    await mustRun(process.execPath, command, { ...at, folder });
  };
  // Also where the run has been interrupted.
  const destroy = () => cdk({ ...place, lifetime: createLifetime() }, "destroy", STACK, "--force");
  const forget = isOurs ? () => undefined : place.lifetime.add(destroy);
  await cdk(place, "deploy", STACK, "--require-approval", "never", "--outputs-file", file);
  return {
    ...Outputs.parse(JSON.parse(readFileSync(file, "utf8")))[STACK],
    destroy: async () => {
      await destroy();
      forget();
    },
  };
}
