import { describe, expect, test } from "@jest/globals";
import { ConfigError, OutcomeUnknownError, TransientError } from "../../../core/errors.ts";
import { publishOnce } from "../../../core/scan/publish-once.ts";
import {
  createRemediationFakes,
  dyingAnywhere,
  type RemediationFakes,
} from "../../support/remediation-fakes.ts";

const MAIL = { subject: "subject", text: "text", json: {} };
const publish = ({ ports }: RemediationFakes, key = "change/1/outcome") =>
  publishOnce(ports, key, () => MAIL);

describe("I6: publishOnce", () => {
  test("sends once, however often it is asked", async () => {
    const fakes = createRemediationFakes();
    expect(await publish(fakes)).toBe("sent");
    expect(await publish(fakes)).toBe("done");
    expect(fakes.outbox).toEqual([MAIL]);
  });

  test("each key has a message of its own", async () => {
    const fakes = createRemediationFakes();
    await publish(fakes, "change/1/ask/ann@example.com");
    await publish(fakes, "change/1/ask/bob@example.com");
    expect(fakes.outbox).toHaveLength(2);
  });

  test("asked at once by many, it is sent by one and composed once", async () => {
    const fakes = createRemediationFakes();
    let composed = 0;
    const compose = () => {
      composed += 1;
      return MAIL;
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => publishOnce(fakes.ports, "key", compose)));
    expect(all.filter((one) => one === "sent")).toHaveLength(1);
    expect([composed, fakes.outbox.length]).toEqual([1, 1]);
  });

  test("dying at any call and running again: at most one message, and none where it says so", async () => {
    const answers: string[] = [];
    const deaths = await dyingAnywhere(
      async () => createRemediationFakes(),
      async (fakes) => {
        answers.push(await publish(fakes));
      },
      async (fakes, where) => {
        expect([where, fakes.outbox.length <= 1]).toEqual([where, true]);
        if (answers.at(-1) !== "unknown") expect([where, fakes.outbox]).toEqual([where, [MAIL]]);
      },
    );
    expect(deaths).toBe(6);
    expect(new Set(answers)).toEqual(new Set(["sent", "unknown", "done"]));
  });

  test.each([new TransientError("throttled"), new ConfigError("the topic does not exist")])(
    "certainly not sent ($name): may be tried again",
    async (error) => {
      const fakes = createRemediationFakes();
      fakes.fail("notifier.publish", error);
      await expect(publish(fakes)).rejects.toMatchObject({
        name: "TransientError",
        message: `the message was not sent: ${error.message}`,
        cause: error,
      });
      expect(await publish(fakes)).toBe("sent");
    },
  );

  test.each([new OutcomeUnknownError("no answer"), new Error("socket hang up")])(
    "perhaps sent ($name): never again",
    async (error) => {
      const fakes = createRemediationFakes();
      fakes.fail("notifier.publish", error, { after: true });
      await expect(publish(fakes)).rejects.toBe(error);
      expect(await publish(fakes)).toBe("unknown");
      expect(fakes.outbox).toHaveLength(1);
    },
  );

  test("a message that could not be composed for now was not sent", async () => {
    const fakes = createRemediationFakes();
    const failing = () => Promise.reject(new TransientError("the ledger is throttled"));
    await expect(publishOnce(fakes.ports, "key", failing)).rejects.toThrow("the ledger is throttled");
    expect(await publish(fakes, "key")).toBe("sent");
  });
});
