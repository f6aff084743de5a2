// What names one piece of work, wherever advice makes an effect happen once.

/** The message id, or the producer's own id where the same work is sent twice under different message ids. */
export type IdempotencyKey = "message" | "business";

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
};
