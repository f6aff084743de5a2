import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterEach, expect, test } from "@jest/globals";
import { NOW_MS } from "../../support/fake-account.ts";
import { closeWires, startWire } from "../../support/wire.ts";

afterEach(closeWires);

const GROUP = "/aws/lambda/consumer";
const OTHERS = 15;

test("the rows of a query are still there after many other queries, though not all are kept", async () => {
  const { settings } = await startWire({ logs: { [GROUP]: [{ message: "first" }, { message: "second" }] } });
  const logs = new CloudWatchLogsClient(settings);
  const begin = async (queryString: string) => {
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupName: GROUP,
        startTime: NOW_MS / 1000,
        endTime: NOW_MS / 1000,
        queryString,
      }),
    );
    const ask = () => logs.send(new GetQueryResultsCommand({ queryId }));
    for (let step = 0; step < 2; step += 1) await ask();
    return ask;
  };
  const askAgain = await begin("fields @message");
  const { results, statistics } = await askAgain();
  for (let other = 0; other < OTHERS; other += 1) await (await begin("fields @message | limit 1"))();

  expect(await askAgain()).toMatchObject({ status: "Complete", results, statistics });
  expect(results).toHaveLength(2);
});
