import { describe, expect, test } from "@jest/globals";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { TransientError } from "../../../core/errors.ts";
import { type Observability, UNOBSERVED } from "../../../functions/shared/observability.ts";
import { createStep } from "../../../functions/shared/step.ts";

const context = (remainingMs?: number): Context =>
  (remainingMs === undefined ? {} : { getRemainingTimeInMillis: () => remainingMs }) as Context;

function step(
  run: (input: { n: number }) => Promise<{ doubled: number }>,
  observability: Observability = UNOBSERVED,
) {
  return createStep({
    name: "Double",
    input: z.object({ n: z.number() }),
    output: z.object({ doubled: z.number() }),
    run,
    observability,
  });
}

const double = step(async ({ n }) => ({ doubled: 2 * n }));

describe("createStep", () => {
  test("runs the use case on the checked input", async () => {
    await expect(double({ n: 2, unknown: "dropped" }, context())).resolves.toEqual({ doubled: 4 });
  });

  test.each([[{ n: "2" }], [{}], [undefined], ["text"]])("refuses the input %j", async (event) => {
    await expect(double(event, context())).rejects.toMatchObject({
      name: "ContractError",
      message: expect.stringContaining("the input of Double has an unexpected shape"),
    });
  });

  test("refuses an output that the next state could not use", async () => {
    const broken = step(async () => ({ doubled: Number.NaN }));
    await expect(broken({ n: 1 }, context())).rejects.toMatchObject({
      name: "ContractError",
      message: expect.stringContaining("the output of Double"),
    });
  });

  test("hands an error on as it was thrown, so that the workflow can match its name", async () => {
    const error = new TransientError("throttled");
    const failing = step(async () => {
      throw error;
    });
    await expect(failing({ n: 1 }, context())).rejects.toBe(error);
  });

  test("ends by itself shortly before Lambda would end it", async () => {
    const endless = step(() => new Promise(() => {}));
    // A second is what it keeps for itself, so with a second left it ends at once.
    await expect(endless({ n: 1 }, context(1000))).rejects.toMatchObject({
      name: "TransientError",
      message: "Double ran out of time",
    });
  });

  test("is watched from outside, errors too", async () => {
    const seen: string[] = [];
    const watch: Observability = {
      ...UNOBSERVED,
      middlewares: [
        {
          before: () => void seen.push("before"),
          after: () => void seen.push("after"),
          onError: ({ error }) => void seen.push(`error ${error?.name}`),
        },
      ],
    };
    const watched = step(async ({ n }) => ({ doubled: 2 * n }), watch);
    await watched({ n: 1 }, context());
    await watched({}, context()).catch(() => {});
    expect(seen).toEqual(["before", "after", "before", "error ContractError"]);
  });
});
