// The Query protocol of SQS and CloudWatch, which older clients speak; the SDK no longer does.

import { afterEach, describe, expect, test } from "@jest/globals";
import { XMLParser } from "fast-xml-parser";
import { ACCOUNT_ID, NOW_MS, queueArn } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const parser = new XMLParser({ parseTagValue: false });

async function start() {
  const { server } = await startWire({
    queues: ["orders", "invoices"],
    metrics: [
      {
        namespace: "AWS/SQS",
        metricName: "NumberOfMessagesSent",
        dimensions: { QueueName: "orders" },
        minutes: [{ sum: 3 }],
      },
    ],
  });
  const QueueUrl = `${server.url}/${ACCOUNT_ID}/orders`;
  const call = async (Version: string, Action: string, parameters: Record<string, string>) => {
    const response = await fetch(server.url, {
      method: "POST",
      body: new URLSearchParams({ Action, Version, ...parameters }),
    });
    return { status: response.status, xml: parser.parse(await response.text()) };
  };
  const sqs = async (Action: string, parameters: Record<string, string> = {}) => {
    const { status, xml } = await call("2012-11-05", Action, parameters);
    return { status, result: xml[`${Action}Response`]?.[`${Action}Result`], xml };
  };
  return { QueueUrl, call, sqs };
}

describe("SQS by the Query protocol", () => {
  test("queues, attributes and tags", async () => {
    const { sqs, QueueUrl } = await start();
    expect((await sqs("ListQueues")).result.QueueUrl).toEqual([
      QueueUrl,
      QueueUrl.replace("orders", "invoices"),
    ]);
    const { result } = await sqs("GetQueueAttributes", {
      QueueUrl,
      "AttributeName.1": "QueueArn",
      "AttributeName.2": "VisibilityTimeout",
    });
    expect(result.Attribute).toEqual([
      { Name: "VisibilityTimeout", Value: "30" },
      { Name: "QueueArn", Value: queueArn("orders") },
    ]);
    await sqs("SetQueueAttributes", {
      QueueUrl,
      "Attribute.1.Name": "VisibilityTimeout",
      "Attribute.1.Value": "60",
    });
    const changed = await sqs("GetQueueAttributes", { QueueUrl, "AttributeName.1": "VisibilityTimeout" });
    expect(changed.result.Attribute).toEqual({ Name: "VisibilityTimeout", Value: "60" });
    await sqs("TagQueue", { QueueUrl, "Tag.1.Key": "owner", "Tag.1.Value": "me" });
    await sqs("UntagQueue", { QueueUrl, "TagKey.1": "team" });
    expect((await sqs("ListQueueTags", { QueueUrl })).result.Tag).toEqual({ Key: "owner", Value: "me" });
  });

  test("messages, one by one and in batches", async () => {
    const { sqs, QueueUrl } = await start();
    await sqs("SendMessage", {
      QueueUrl,
      MessageBody: "<one> & only",
      "MessageAttribute.1.Name": "trace",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "abc",
    });
    const { result } = await sqs("ReceiveMessage", {
      QueueUrl,
      "AttributeName.1": "ApproximateReceiveCount",
      "MessageAttributeName.1": "All",
    });
    expect(result.Message).toMatchObject({
      Body: "<one> & only",
      Attribute: { Name: "ApproximateReceiveCount", Value: "1" },
      MessageAttribute: { Name: "trace", Value: { DataType: "String", StringValue: "abc" } },
    });
    const deleted = await sqs("DeleteMessageBatch", {
      QueueUrl,
      "DeleteMessageBatchRequestEntry.1.Id": "good",
      "DeleteMessageBatchRequestEntry.1.ReceiptHandle": result.Message.ReceiptHandle,
      "DeleteMessageBatchRequestEntry.2.Id": "bad",
      "DeleteMessageBatchRequestEntry.2.ReceiptHandle": "made-up",
    });
    expect(deleted.result).toMatchObject({
      DeleteMessageBatchResultEntry: { Id: "good" },
      BatchResultErrorEntry: { Id: "bad", Code: "ReceiptHandleIsInvalid" },
    });
  });

  test("errors carry the code of old", async () => {
    const { sqs } = await start();
    const { status, xml } = await sqs("GetQueueUrl", { QueueName: "nowhere" });
    expect(status).toBe(400);
    expect(xml.ErrorResponse.Error).toMatchObject({
      Type: "Sender",
      Code: "AWS.SimpleQueueService.NonExistentQueue",
    });
  });
});

describe("CloudWatch by the Query protocol", () => {
  test("GetMetricData", async () => {
    const { call } = await start();
    const query = "MetricDataQueries.member.1";
    const { xml } = await call("2010-08-01", "GetMetricData", {
      StartTime: new Date(NOW_MS).toISOString(),
      EndTime: new Date(NOW_MS + 60_000).toISOString(),
      [`${query}.Id`]: "sent",
      [`${query}.MetricStat.Period`]: "60",
      [`${query}.MetricStat.Stat`]: "Sum",
      [`${query}.MetricStat.Metric.Namespace`]: "AWS/SQS",
      [`${query}.MetricStat.Metric.MetricName`]: "NumberOfMessagesSent",
      [`${query}.MetricStat.Metric.Dimensions.member.1.Name`]: "QueueName",
      [`${query}.MetricStat.Metric.Dimensions.member.1.Value`]: "orders",
    });
    expect(xml.GetMetricDataResponse.GetMetricDataResult.MetricDataResults.member).toMatchObject({
      Id: "sent",
      StatusCode: "Complete",
      Timestamps: { member: new Date(NOW_MS).toISOString() },
      Values: { member: "3" },
    });
  });
});
