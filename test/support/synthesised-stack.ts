// The stack as `cdk synth` makes it with the flags of cdk.json, without bundling, and the parts tests ask for.
import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { StackConfiguration } from "../../infra/configuration.ts";
import { DoubletakeStack } from "../../infra/doubletake-stack.ts";

const cdkJson: { context: Record<string, unknown> } = JSON.parse(
  readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"),
);

/** @param bundling true to bundle every function into `outdir` as a deployment does. */
export function createApp(options: { readonly bundling?: boolean; readonly outdir?: string } = {}): App {
  const { bundling = false, outdir } = options;
  return new App({
    context: { ...cdkJson.context, ...(bundling ? {} : { "aws:cdk:bundling-stacks": [] }) },
    ...(outdir !== undefined && { outdir }),
  });
}

export function createStack(
  configuration: Record<string, unknown> = {},
  app: App = createApp(),
): DoubletakeStack {
  return new DoubletakeStack(app, "Doubletake", { configuration: StackConfiguration.parse(configuration) });
}

export function synthesise(configuration: Record<string, unknown> = {}): Template {
  return Template.fromStack(createStack({ notifyEmail: ["team@example.org"], ...configuration }));
}

/** One resource of the template. */
export interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: a template is untyped JSON, and each test names the shape it expects
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** All resources of a type, by logical id. There must be some, so that a rule over all of them can fail. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  const found = Object.entries(template.findResources(type)) as [string, Resource][];
  if (found.length === 0) throw new Error(`expected resources of type ${type}, got none`);
  return found;
}

/** The one resource of a type whose logical id matches. */
function resourceOf(template: Template, type: string, id: RegExp): [string, Resource] {
  const [found, ...others] = resourcesOf(template, type).filter(([logicalId]) => id.test(logicalId));
  if (found === undefined || others.length > 0) {
    throw new Error(`expected one ${type} like ${id}, got ${found === undefined ? 0 : others.length + 1}`);
  }
  return found;
}

/** @param name of the state that calls it, or `Approvals`. */
export function functionOf(template: Template, name: string): [string, Resource] {
  return resourceOf(template, "AWS::Lambda::Function", new RegExp(`(?<=[a-z])${name}Function[0-9A-F]{8}$`));
}

export function stateMachineOf(template: Template, workflow: "scan" | "remediation"): [string, Resource] {
  return resourceOf(
    template,
    "AWS::StepFunctions::StateMachine",
    workflow === "scan" ? /^Scan/ : /^Remediation/,
  );
}

/** Whose a role is: the function's name, or its construct's path up to "Role". */
export function holderOf(roleId: string): string {
  const [, functionName] = /(?:Functions|Endpoint|Proposals)(\w+)Role[0-9A-F]{8}$/.exec(roleId) ?? [];
  return functionName ?? roleId.replace(/(?<=Role).*$/, "");
}

/** A logical id as the constructs' names make it. */
export const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, "");

/** Names of the functions, in order. */
export const functionNames = (template: Template): string[] =>
  resourcesOf(template, "AWS::IAM::Role")
    .filter(([, { Properties }]) => JSON.stringify(Properties).includes("lambda.amazonaws.com"))
    .map(([id]) => holderOf(id))
    .sort();

/** One statement of an identity policy, with the logical ids of the roles that hold it. */
export interface Statement {
  readonly roles: readonly string[];
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
  readonly condition: unknown;
}

/** Every statement of every role in the template, inline and attached. */
export function identityStatements(template: Template): Statement[] {
  const attached = resourcesOf(template, "AWS::IAM::Policy").flatMap(([, { Properties }]) =>
    statementsOf(
      Properties.PolicyDocument,
      Properties.Roles.map((role: { Ref: string }) => role.Ref),
    ),
  );
  const inline = resourcesOf(template, "AWS::IAM::Role").flatMap(([id, { Properties }]) =>
    (Properties.Policies ?? []).flatMap((policy: { PolicyDocument: PolicyDocument }) =>
      statementsOf(policy.PolicyDocument, [id]),
    ),
  );
  return [...attached, ...inline];
}

interface PolicyDocument {
  readonly Statement: readonly Record<string, unknown>[];
}

function statementsOf(document: PolicyDocument, roles: readonly string[]): Statement[] {
  return document.Statement.map((statement) => ({
    roles,
    effect: String(statement["Effect"]),
    actions: [statement["Action"]].flat().map(String),
    resources: [statement["Resource"]].flat(),
    condition: statement["Condition"],
  }));
}
