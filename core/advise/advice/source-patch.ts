// A change of infrastructure code, in the four forms in which people write queues and functions.
import {
  type AdviceContext,
  alignTerraform,
  camelCase,
  indent,
  isFifo,
  lines,
  pascalCase,
  queueNames,
  snakeCase,
  wordsOf,
} from "./context.ts";

/** What to set on one resource: lines by form, without indentation. */
export interface ResourceSetting {
  /** Properties of the CloudFormation resource, which SAM and Serverless Framework share. */
  readonly cloudformation: readonly string[];
  readonly cdk: readonly string[];
  readonly terraform: readonly string[];
}

/** The resource with the setting added. */
export interface ResourceSource extends ResourceSetting {
  /** Where Serverless Framework keeps it: resources are written out, those it generates are extended. */
  readonly serverless: "Resources" | "extensions";
  /** The key there, where it is not the CloudFormation logical id. */
  readonly serverlessKey?: string;
}

/** The path's queue. That it is FIFO is said, because leaving it out would make CloudFormation replace it. */
export function queueSource(context: AdviceContext, setting: ResourceSetting): ResourceSource {
  const { logicalId, terraform } = queueNames(context);
  const fifo = isFifo(context);
  return {
    cloudformation: [
      `${logicalId}:`,
      "  Type: AWS::SQS::Queue",
      "  Properties:",
      ...(fifo ? ["    FifoQueue: true"] : []),
      ...indent(4, setting.cloudformation),
    ],
    cdk: [
      `new sqs.Queue(this, "${logicalId}", {`,
      ...(fifo ? ["  fifo: true,"] : []),
      ...indent(2, setting.cdk),
      "});",
    ],
    terraform: [
      `resource "aws_sqs_queue" "${terraform}" {`,
      `  name = "${context.path.queueName}"`,
      ...(fifo ? ["  fifo_queue = true"] : []),
      ...indent(2, setting.terraform),
      "}",
    ],
    serverless: "Resources",
  };
}

/** A consumer's function. */
export function functionSource(name: string, setting: ResourceSetting): ResourceSource {
  const words = wordsOf(name);
  const id = `${pascalCase(words)}Function`;
  return {
    cloudformation: [
      `${id}:`,
      "  Type: AWS::Lambda::Function",
      "  Properties:",
      ...indent(4, setting.cloudformation),
    ],
    cdk: [`new lambda.Function(this, "${id}", {`, ...indent(2, setting.cdk), "});"],
    terraform: [
      `resource "aws_lambda_function" "${snakeCase(words)}" {`,
      `  function_name = "${name}"`,
      ...indent(2, setting.terraform),
      "}",
    ],
    serverless: "extensions",
    serverlessKey: `${pascalCase([camelCase(words)])}LambdaFunction`,
  };
}

/** One snippet a form that changes all of the resources together. */
export function sourcePatch(...sources: readonly ResourceSource[]): Record<string, string> {
  const serverless = (["extensions", "Resources"] as const).flatMap((section) => {
    const found = sources.filter((source) => source.serverless === section);
    return found.length === 0 ? [] : [`  ${section}:`, ...indent(4, found.flatMap(serverlessLines))];
  });
  return {
    cloudformation: lines(
      "Resources:",
      ...indent(
        2,
        sources.flatMap(({ cloudformation }) => cloudformation),
      ),
    ),
    cdk: sources.map(({ cdk }) => lines(...cdk)).join("\n\n"),
    terraform: sources.map(({ terraform }) => lines(...alignTerraform(terraform))).join("\n\n"),
    serverless: lines("resources:", ...serverless),
  };
}

/** An extension has no Type: it is merged into the resource that Serverless Framework generates. */
function serverlessLines({ cloudformation, serverless, serverlessKey }: ResourceSource): readonly string[] {
  if (serverless === "Resources") return cloudformation;
  const [, , ...properties] = cloudformation;
  return [`${serverlessKey}:`, ...properties];
}
