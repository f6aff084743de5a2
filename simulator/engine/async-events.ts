// Events as SNS, S3 and EventBridge hand them to a function, rendered on demand from a counter. An event that is
// handed over twice is the same to the last id.
import { hexId, uuid } from "./ids.ts";
import type { World } from "./world.ts";

export type AsyncEventKind = "sns" | "s3" | "eventbridge";

/** One event of a source; several invocations may be given the same one. */
export interface AsyncEvent {
  readonly kind: AsyncEventKind;
  /** Account-wide counter; the ids derive from it. */
  readonly index: number;
  /** Topic, bucket or rule. */
  readonly sourceArn: string;
  /** Engine ms. */
  readonly createdMs: number;
}

/** Topic, bucket or rule of a subject. Each kind's own form of ARN. */
export function sourceArn({ region, accountId }: World, kind: AsyncEventKind, subject: string): string {
  const arns: Record<AsyncEventKind, string> = {
    sns: `arn:aws:sns:${region}:${accountId}:${subject}-topic`,
    s3: `arn:aws:s3:::${subject}-${accountId}`,
    eventbridge: `arn:aws:events:${region}:${accountId}:rule/${subject}-changed`,
  };
  return arns[kind];
}

/** What the function is invoked with. */
export function renderAsyncEvent(world: World, event: AsyncEvent): object {
  return RENDER[event.kind](world, event, new Date(world.clock.epochMs(event.createdMs)).toISOString());
}

const RENDER: Record<AsyncEventKind, (world: World, event: AsyncEvent, time: string) => object> = {
  sns: ({ seed }, { index, sourceArn: TopicArn }, Timestamp) => ({
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: `${TopicArn}:${uuid(seed, "decoy", 0)}`,
        Sns: {
          Type: "Notification",
          MessageId: uuid(seed, "event", index),
          TopicArn,
          Subject: null,
          Message: JSON.stringify({ reference: `R-${100_000 + index}` }),
          Timestamp,
          SignatureVersion: "1",
          MessageAttributes: {},
        },
      },
    ],
  }),
  s3: ({ seed, region }, { index, sourceArn: arn }, eventTime) => ({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: region,
        eventTime,
        eventName: "ObjectCreated:Put",
        responseElements: { "x-amz-request-id": hexId(seed, "event", index).slice(0, 16).toUpperCase() },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "uploads",
          bucket: { name: arn.slice("arn:aws:s3:::".length), arn },
          object: {
            // Objects are written again and again: only the sequencer tells two events of one key apart.
            key: `uploads/${index % 50}.json`,
            size: 1024 + index,
            eTag: hexId(seed, "decoy", index % 50),
            sequencer: hexId(seed, "event", index).slice(16, 34).toUpperCase(),
          },
        },
      },
    ],
  }),
  eventbridge: ({ seed, region, accountId }, { index }, time) => ({
    version: "0",
    id: uuid(seed, "event", index),
    "detail-type": "Order Changed",
    source: "shop.orders",
    account: accountId,
    time,
    region,
    resources: [],
    detail: { reference: `R-${100_000 + index}` },
  }),
};
