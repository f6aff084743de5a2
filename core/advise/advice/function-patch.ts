// A setting of a function, in the four forms in which people write functions.
import { camelCase, pascalCase, snakeCase, wordsOf } from "./context.ts";

/** Lines by form, without indentation. */
export interface FunctionSetting {
  /** Properties of AWS::Lambda::Function, which SAM's functions share. */
  readonly cloudformation: readonly string[];
  readonly cdk: readonly string[];
  readonly terraform: readonly string[];
}

export interface FunctionSource extends FunctionSetting {
  /** The resource that Serverless Framework generates for the function, and what to add to it. */
  readonly serverless: readonly string[];
}

/** The function with the setting added. The template forms are entries of `Resources` and of `extensions`. */
export function functionSource(name: string, setting: FunctionSetting): FunctionSource {
  const words = wordsOf(name);
  const properties = setting.cloudformation.map((line) => `      ${line}`);
  return {
    cloudformation: [
      `  ${pascalCase(words)}Function:`,
      "    Type: AWS::Lambda::Function",
      "    Properties:",
      ...properties,
    ],
    cdk: [
      `new lambda.Function(this, "${pascalCase(words)}Function", {`,
      ...setting.cdk.map((line) => `  ${line}`),
      "});",
    ],
    terraform: [
      `resource "aws_lambda_function" "${snakeCase(words)}" {`,
      `  function_name = "${name}"`,
      ...setting.terraform.map((line) => `  ${line}`),
      "}",
    ],
    serverless: [
      `    ${pascalCase([camelCase(words)])}LambdaFunction:`,
      "      Properties:",
      ...properties.map((line) => `  ${line}`),
    ],
  };
}
