// What names one piece of work, wherever advice makes an effect happen once.

/**
 * The message id, the producer's own id where the same work is sent twice under different message ids, or the id of an
 * event that came with no queue between.
 */
export type IdempotencyKey = "message" | "business" | "event" | "sns" | "s3";

export interface KeyWords {
  readonly name: string;
  readonly typescript: string;
  readonly python: string;
  /** JMESPath from the record; the function is one of Powertools' own. */
  readonly jmespath: string;
}

export const KEY_WORDS: Readonly<Record<IdempotencyKey, KeyWords>> = {
  message: {
    name: "the message id",
    typescript: "record.messageId",
    python: 'record["messageId"]',
    jmespath: "messageId",
  },
  business: {
    name: "the producer's own id (the message ids differ)",
    typescript: "JSON.parse(record.body).orderId",
    python: 'json.loads(record["body"])["orderId"]',
    jmespath: "powertools_json(body).orderId",
  },
  event: { name: "the event's id", typescript: "record.id", python: 'record["id"]', jmespath: "id" },
  sns: {
    name: "the SNS message id",
    typescript: "record.Sns.MessageId",
    python: 'record["Sns"]["MessageId"]',
    jmespath: "Sns.MessageId",
  },
  s3: {
    name: "the object's key and sequencer",
    typescript: '[record.s3.object.key, record.s3.object.sequencer].join(" ")',
    python: '" ".join(record["s3"]["object"][part] for part in ("key", "sequencer"))',
    jmespath: "s3.object.[key, sequencer]",
  },
};
