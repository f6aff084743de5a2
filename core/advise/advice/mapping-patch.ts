// A setting of an event source mapping, in the forms in which people write mappings.
import type { Consumer } from "../../model/delivery-path.ts";
import {
  type AdviceContext,
  alignTerraform,
  camelCase,
  functionName,
  indent,
  lines,
  pascalCase,
  queueNames,
  snakeCase,
  wordsOf,
} from "./context.ts";

/** Lines to add, without indentation, by form. */
export interface MappingSetting {
  /** For AWS::Lambda::EventSourceMapping; the SQS event of a SAM function has the same properties. */
  readonly cloudformation: readonly string[];
  readonly cdk: readonly string[];
  readonly terraform: readonly string[];
  readonly serverless: readonly string[];
}

/** The mapping as it is, with the setting added. */
export function mappingPatch(
  context: AdviceContext,
  consumer: Consumer,
  setting: MappingSetting,
): Record<string, string> {
  const { queueArn } = context.path;
  const words = wordsOf(functionName(consumer));
  const { batchSize, functionArn } = consumer.mapping;
  return {
    cloudformation: lines(
      "Resources:",
      `  ${pascalCase(words)}Mapping:`,
      "    Type: AWS::Lambda::EventSourceMapping",
      "    Properties:",
      `      EventSourceArn: ${queueArn}`,
      `      FunctionName: ${functionArn}`,
      `      BatchSize: ${batchSize}`,
      ...indent(6, setting.cloudformation),
    ),
    sam: lines(
      "Resources:",
      `  ${pascalCase(words)}Function:`,
      "    Type: AWS::Serverless::Function",
      "    Properties:",
      "      Events:",
      `        ${queueNames(context).logicalId}:`,
      "          Type: SQS",
      "          Properties:",
      `            Queue: ${queueArn}`,
      `            BatchSize: ${batchSize}`,
      ...indent(12, setting.cloudformation),
    ),
    cdk: lines(
      `${camelCase(words)}.addEventSource(`,
      `  new SqsEventSource(${camelCase(wordsOf(queueNames(context).logicalId))}, {`,
      `    batchSize: ${batchSize},`,
      ...indent(4, setting.cdk),
      "  }),",
      ");",
    ),
    terraform: lines(
      ...alignTerraform([
        `resource "aws_lambda_event_source_mapping" "${snakeCase(words)}" {`,
        `  event_source_arn = "${queueArn}"`,
        `  function_name = "${functionArn}"`,
        `  batch_size = ${batchSize}`,
        ...indent(2, setting.terraform),
        "}",
      ]),
    ),
    serverless: lines(
      "functions:",
      `  ${camelCase(words)}:`,
      "    events:",
      "      - sqs:",
      `          arn: ${queueArn}`,
      `          batchSize: ${batchSize}`,
      ...indent(10, setting.serverless),
    ),
  };
}
