import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { scanEvents, splitEventKey } from "../../../../core/correlate/async/event-ids.ts";

const ID = "95df01b4-1a2b-4c3d-8e4f-5a6b7c8d9e0f";
const OTHER = "11111111-2222-4333-8444-555555555555";
const SEQUENCER = "0055AED6DCD90281E5";

const sns = (id = ID, message = "hello") => ({
  Records: [
    {
      EventSource: "aws:sns",
      EventSubscriptionArn: `arn:aws:sns:eu-west-1:123456789012:uploads:${OTHER}`,
      Sns: {
        Type: "Notification",
        MessageId: id,
        TopicArn: "arn:aws:sns:eu-west-1:1:uploads",
        Message: message,
      },
    },
  ],
});
const s3 = (key = "photos/a+b.jpg", sequencer = SEQUENCER) => ({
  Records: [
    {
      eventSource: "aws:s3",
      s3: { bucket: { name: "images" }, object: { key, size: 1024, eTag: "d41d8cd9", sequencer } },
    },
  ],
});
const eventBridge = (detail: object = { orderId: OTHER }) => ({
  version: "0",
  id: ID,
  "detail-type": "Order Changed",
  source: "shop",
  detail,
});

const keysOf = (line: string) => scanEvents(line).records.map(({ messageId }) => messageId);
const kindsOf = (line: string) => keysOf(line).map((key) => splitEventKey(key).kind);

describe("the id of an SNS message", () => {
  test.each([
    { shape: "JSON.stringify", line: JSON.stringify(sns()) },
    { shape: "JSON in a JSON log line", line: JSON.stringify({ message: JSON.stringify(sns()) }) },
    { shape: "spaced JSON (json.dumps)", line: JSON.stringify(sns()).replaceAll('":', '": ') },
    {
      shape: "a Python dict",
      line: `{'Records': [{'EventSource': 'aws:sns', 'Sns': {'Type': 'Notification', 'MessageId': '${ID}', 'TopicArn': 'arn'}}]}`,
    },
    {
      shape: "a Ruby hash",
      line: `{"Sns"=>{"Type"=>"Notification", "MessageId"=>"${ID}", "TopicArn"=>"arn"}}`,
    },
    {
      shape: "Java's toString",
      line: `{records: [{sns: {messageId: ${ID},message: x,type: Notification,topicArn: arn}}]}`,
    },
    {
      shape: "Go's %+v",
      line: `{Records:[{SNS:{MessageID:${ID} Type:Notification TopicArn:arn:aws:sns:x Message:m}}]}`,
    },
    {
      shape: "Rust's {:?}",
      line: `SnsMessage { sns_message_type: "Notification", message_id: "${ID}", topic_arn: "arn" }`,
    },
    { shape: ".NET's JSON", line: `{"Sns":{"MessageId":"${ID}","TopicArn":"arn","Type":"Notification"}}` },
    { shape: "node's inspection of the record", line: inspect(sns().Records[0]?.Sns) },
  ])("in $shape", ({ line }) => {
    expect(keysOf(line)).toEqual([`sns:${ID}`]);
  });

  test.each([
    { name: "an answer to publish", line: `{ '$metadata': {}, MessageId: '${ID}', TopicArn: 'arn' }` },
    { name: "an SQS record", line: `{"messageId":"${ID}","receiptHandle":"AQEB"}` },
    { name: "an id alone", line: `handled ${ID} of topicArn` },
  ])("not in $name", ({ line }) => {
    expect(keysOf(line)).toEqual([]);
  });

  test("what its message holds is somebody else's", () => {
    const nested = JSON.stringify(eventBridge());
    expect(keysOf(JSON.stringify(sns(ID, nested)))).toEqual([`sns:${ID}`]);
    expect(keysOf(JSON.stringify(sns(ID, JSON.stringify(sns(OTHER)))))).toEqual([`sns:${ID}`]);
  });
});

describe("the id of an EventBridge event", () => {
  test.each([
    { shape: "JSON.stringify", line: JSON.stringify(eventBridge()) },
    { shape: "console.log(event)", line: inspect(eventBridge()) },
    { shape: "a Python dict", line: `{'version': '0', 'id': '${ID}', 'detail-type': 'Order Changed'}` },
    { shape: "a Ruby hash", line: `{"version" => "0", "id" => "${ID}", "detail-type" => "Order Changed"}` },
    {
      shape: "Java's toString",
      line: `{account: 1,detail: {},detailType: Order,source: shop,id: ${ID},time: t}`,
    },
    { shape: "Go's %+v", line: `{Version:0 ID:${ID} DetailType:Order Source:shop}` },
    { shape: "Rust's {:?}", line: `EventBridgeEvent { id: Some("${ID}"), detail_type: "Order" }` },
  ])("in $shape", ({ line }) => {
    expect(keysOf(line)).toEqual([`eventbridge:${ID}`]);
  });

  test.each([
    { name: "any id", line: `{"id":"${ID}","status":"done"}` },
    { name: "a key that ends in id", line: `{"orderId":"${ID}","detail-type":"x"}` },
  ])("not in $name", ({ line }) => {
    expect(keysOf(line)).toEqual([]);
  });

  test("an event that S3 sends through EventBridge is EventBridge's", () => {
    const detail = { bucket: { name: "images" }, object: { key: "a.jpg", size: 1, sequencer: SEQUENCER } };
    expect(kindsOf(JSON.stringify(eventBridge(detail)))).toEqual(["eventbridge"]);
  });
});

describe("the id of an S3 event", () => {
  test.each([
    { shape: "JSON.stringify", line: JSON.stringify(s3()) },
    { shape: "JSON in a JSON log line", line: JSON.stringify({ message: JSON.stringify(s3()) }) },
    {
      shape: "a Python dict",
      line: `{'object': {'key': 'photos/a+b.jpg', 'size': 1024, 'eTag': 'd4', 'sequencer': '${SEQUENCER}'}}`,
    },
    { shape: "Go's %+v", line: `Object:{Key:photos/a+b.jpg Size:1024 ETag:d4 Sequencer:${SEQUENCER}}` },
    { shape: "a Ruby hash", line: `"key"=>"photos/a+b.jpg", "size"=>1024, "sequencer"=>"${SEQUENCER}"` },
  ])("is the same in $shape", ({ line }) => {
    expect(keysOf(line)).toEqual(keysOf(JSON.stringify(s3())));
    expect(keysOf(line)).toHaveLength(1);
  });

  test("tells writes of one object apart, and objects", () => {
    const keys = [s3(), s3("photos/a+b.jpg", "0055AED6DCD90281E6"), s3("photos/c.jpg")];
    expect(new Set(keys.flatMap((event) => keysOf(JSON.stringify(event)))).size).toBe(3);
  });

  test("I7: does not hold the object's key", () => {
    expect(keysOf(JSON.stringify(s3("anna.smith@example.com/cv.pdf"))).join()).not.toMatch(/anna|smith|cv/);
  });

  test("several records are several events", () => {
    const [first] = s3().Records;
    const [second] = s3("photos/c.jpg", "0055AED6DCD90281E7").Records;
    expect(keysOf(JSON.stringify({ Records: [first, second, first] }))).toHaveLength(2);
  });
});

test("a line without an event shows none", () => {
  expect(scanEvents("START RequestId: x")).toEqual({
    records: [],
    source: "not-said",
    loose: { receiveCounts: [], correlations: [] },
  });
});
