import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LoggingFormat, Tracing } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type * as z from "zod";
import { functionCode } from "./function-code.ts";

/** What a function parses `process.env` with. */
export type EnvSchema = z.ZodType<unknown, Record<string, string | undefined>>;

export interface AppFunctionProps<Env extends EnvSchema> {
  /** Folder under `functions/`; its `index.ts` is the entry point. */
  readonly folder: string;
  readonly description: string;
  /** The schema the entry point parses `process.env` with; it types `environment`. */
  readonly env: Env;
  readonly environment: z.input<Env>;
  readonly logRetention: RetentionDays;
  /** Absent where CloudWatch Logs' own key encrypts the log. */
  readonly logKey: IKey | undefined;
  /** @default Duration.seconds(30) */
  readonly timeout?: Duration;
  /** @default 512 */
  readonly memorySizeMb?: number;
  /** The most at once, kept aside from the account's limit. @default none is kept aside */
  readonly reservedConcurrency?: number;
}

/** A Lambda function of this project: its bundle, its log group and a role of its own that may do nothing else yet. */
export class AppFunction<Env extends EnvSchema = EnvSchema> extends Construct {
  readonly function: NodejsFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: AppFunctionProps<Env>) {
    super(scope, id);
    const logGroup = new LogGroup(this, "Logs", {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(props.logKey && { encryptionKey: props.logKey }),
    });
    this.role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(this.role);

    this.function = new NodejsFunction(this, "Function", {
      description: props.description,
      ...functionCode(props.folder),
      timeout: props.timeout ?? Duration.seconds(30),
      memorySize: props.memorySizeMb ?? 512,
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
      environment: defined(props.environment),
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
    });
    Validations.of(this.role).acknowledge({
      id: "AwsSolutions-IAM5[Resource::*]",
      reason: "X-Ray accepts trace segments for no resource but *.",
    });
  }
}

function defined(environment: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
