// The accuracy benchmark at work on small accounts: it is the ruler, so it has to be straight itself.
import { describe, expect, test } from "@jest/globals";
import { judgeAccount } from "../../bench/accuracy/judge-account.ts";
import { reportAccuracy } from "../../bench/accuracy/measure.ts";
import { createRandomAccount } from "../../bench/accuracy/random-account.ts";
import { renderAccuracy } from "../../bench/accuracy/tables.ts";

/** Of accounts with little traffic, so that the test is quick. */
const SEED = 30;
const PATHS = 3;

describe("a random account", () => {
  const facts = ({ account, truth }: ReturnType<typeof createRandomAccount>) => ({
    queues: account.queues().map((queue) => queue.attributes()),
    functions: account.functions(),
    truth: truth.paths().map(({ queueArn }) => truth.summary(queueArn, 0, Number.MAX_SAFE_INTEGER)),
  });

  test("repeats from its seed, and is another one with another seed", () => {
    const first = facts(createRandomAccount(SEED, PATHS));
    expect(facts(createRandomAccount(SEED, PATHS))).toEqual(first);
    expect(facts(createRandomAccount(SEED + 1, PATHS))).not.toEqual(first);
  });

  test("again with another timeout: the same path, and no traffic on the others", () => {
    const random = createRandomAccount(SEED, PATHS);
    const [changed, ...others] = random.truth.paths();
    const again = random.withTimeouts(new Map([[changed?.queueArn ?? "", 43_200]]));
    const messages = (truth: typeof random.truth, queueArn = "") =>
      truth.summary(queueArn, 0, Number.MAX_SAFE_INTEGER).messages;
    const timeouts = again.account.queues().filter(({ arn }) => arn === changed?.queueArn);
    expect(timeouts.map((queue) => queue.attributes()["VisibilityTimeout"])).toEqual(["43200"]);
    expect(messages(again.truth, changed?.queueArn)).toBe(messages(random.truth, changed?.queueArn));
    for (const { queueArn } of others) expect(messages(again.truth, queueArn)).toBe(0);
  });
});

test("judged paths: what must be said may be said, nothing is said of what never happened, and the tables print", async () => {
  const judged = await judgeAccount(SEED, PATHS);
  expect(judged).toHaveLength(PATHS);
  for (const { truth, said, confusion, logged } of judged) {
    expect(truth.mayFind).toEqual(expect.arrayContaining([...truth.mustFind]));
    expect(truth.duplicatesOfTimeout).toBeLessThanOrEqual(truth.duplicates);
    const named = said.filter(({ cause }) => cause !== "unknown").map(({ cause }) => cause);
    expect(truth.mayFind).toEqual(expect.arrayContaining(named));
    if (logged === "nothing") expect(confusion).toEqual({});
  }
  const found = judged.flatMap(({ truth }) => truth.mustFind);
  expect(found.length).toBeGreaterThan(0);
  expect(renderAccuracy(reportAccuracy(SEED, judged))).toContain("harmful plans");
});
