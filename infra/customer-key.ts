import { Aws } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";

/**
 * What a caller of each service needs on the key. Spelt out where AWS writes a wildcard; not tried against AWS.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
const KEY_ACTIONS = {
  dynamodb: [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
  ],
  sns: ["kms:Decrypt", "kms:GenerateDataKey"],
  sqs: ["kms:Decrypt", "kms:GenerateDataKey"],
} as const;

/**
 * A KMS key of the account, for whatever the stack stores. Its policy is its owner's: it has to let CloudWatch and
 * CloudWatch Logs in (docs/deploy.md).
 */
export class CustomerKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, keyArn: string) {
    super(scope, id);
    this.key = Key.fromKeyArn(this, "Key", keyArn);
  }

  /** Lets a role use the key, through that service and not otherwise. */
  grantUse(role: Role, service: keyof typeof KEY_ACTIONS): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: [...KEY_ACTIONS[service]],
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { "kms:ViaService": `${service}.${Aws.REGION}.${Aws.URL_SUFFIX}` },
        },
      }),
    );
  }
}
