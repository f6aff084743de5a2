import type { Advice } from "../../model/finding.ts";
import { type AdviceContext, lines } from "./context.ts";
import { type IdempotencyKey, KEY_WORDS } from "./idempotency-key.ts";

/** SQS keeps no message longer than this, in seconds. */
const MAX_RETENTION_SECONDS = 1_209_600;

/**
 * For effects that share no transaction with a table of ours, such as a call to another service. Ids are kept as
 * long as the queue may keep a message (an hour, the default, would forget a message that comes back later), and
 * the Lambda context is registered, so that a run that times out does not lock its messages.
 *
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/
 */
export function powertoolsIdempotency(key: IdempotencyKey, { settings }: AdviceContext): Advice {
  const seconds = settings?.messageRetentionSeconds ?? MAX_RETENTION_SECONDS;
  const { jmespath } = KEY_WORDS[key];
  return {
    kind: "powertools-idempotency",
    summary:
      "Where the effect is a call to something else: wrap the work on one record in the idempotency utility of Powertools for AWS Lambda, and hand the same id to the service that you call, if it takes an idempotency key.",
    patch: {
      typescript: lines(
        'import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";',
        'import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";',
        'import type { SQSHandler } from "aws-lambda";',
        "",
        `const config = new IdempotencyConfig({ eventKeyJmesPath: "${jmespath}", expiresAfterSeconds: ${seconds} });`,
        'const persistenceStore = new DynamoDBPersistenceLayer({ tableName: process.env.IDEMPOTENCY_TABLE ?? "" });',
        "const handleOnce = makeIdempotent(handleRecord, { config, persistenceStore });",
        "",
        "export const handler: SQSHandler = async (event, context) => {",
        "  config.registerLambdaContext(context);",
        "  for (const record of event.Records) await handleOnce(record);",
        "};",
      ),
      python: lines(
        "import os",
        "",
        "from aws_lambda_powertools.utilities.idempotency import (",
        "    DynamoDBPersistenceLayer,",
        "    IdempotencyConfig,",
        "    idempotent_function,",
        ")",
        "",
        `config = IdempotencyConfig(event_key_jmespath="${jmespath}", expires_after_seconds=${seconds})`,
        'store = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])',
        "",
        "",
        '@idempotent_function(data_keyword_argument="record", config=config, persistence_store=store)',
        "def handle_once(record):",
        "    return handle_record(record)",
        "",
        "",
        "def handler(event, context):",
        "    config.register_lambda_context(context)",
        '    for record in event["Records"]:',
        "        handle_once(record=record)",
      ),
    },
  };
}
