// That nothing was denied means something only where policies are enforced, so that is shown first.
import assert from "node:assert/strict";
import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { linesOfFunctions } from "./evidence.ts";
import { type Deployed, visibilityTimeout } from "./stage.ts";

const DENIED = /AccessDenied|not authori[sz]ed to perform/i;

export function nothingWasDenied(deployed: Deployed): Promise<void> {
  const { endpoint, invoices, clients, roles, sts, say, step } = deployed;
  return step("no call of any function was denied", async () => {
    if (!endpoint.enforcesIam) return say("NOT TESTED: the endpoint enforces no policies");
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roles.LaptopRoleArn, RoleSessionName: "laptop" }),
    );
    const laptop = new SQSClient({
      ...endpoint.clientOptions,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken ?? "",
      },
    });
    const before = await visibilityTimeout(deployed, invoices);
    await assert.rejects(
      laptop.send(
        new SetQueueAttributesCommand({
          QueueUrl: invoices.queueUrl,
          Attributes: { VisibilityTimeout: "1" },
        }),
      ),
      DENIED,
    );
    assert.equal(await visibilityTimeout(deployed, invoices), before);
    const denied = (await linesOfFunctions(clients.logs)).flatMap(({ group, lines }) =>
      lines.filter((line) => DENIED.test(line)).map((line) => `${group}: ${line}`),
    );
    assert.deepEqual(denied, []);
    say(
      "the role of a laptop may not set a queue's attributes; the functions' roles may all that they tried",
    );
  });
}
