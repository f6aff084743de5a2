import { describe, expect, test } from "@jest/globals";
import { ScanSettings } from "../../../core/model/settings.ts";
import { NotifyEnv } from "../../../functions/notify/config.ts";
import { parseEnvironment, ScanEnv } from "../../../functions/shared/environment.ts";

const parse = (environment: Record<string, string>) => parseEnvironment(ScanEnv, environment);

describe("parseEnvironment", () => {
  test("reads the settings, with a default for each that is not said", () => {
    expect(parse({ LEDGER_TABLE: "ledger", SETTINGS: '{"lookbackMinutes":60}', PATH: "/bin" })).toEqual({
      LEDGER_TABLE: "ledger",
      SETTINGS: { ...ScanSettings.parse({}), lookbackMinutes: 60 },
    });
  });

  test("lists every problem in one message", () => {
    expect(() => parse({ LEDGER_TABLE: "", SETTINGS: '{"lookbackMinutes":1,"batchSize":"many"}' })).toThrow(
      expect.objectContaining({
        name: "ConfigError",
        message: expect.stringMatching(
          /^3 problems in the environment of the function:\n.*LEDGER_TABLE.*\n.*SETTINGS\.lookbackMinutes.*\n.*SETTINGS\.batchSize/,
        ),
      }),
    );
  });

  test.each([
    { name: "nothing at all", environment: {}, says: /LEDGER_TABLE.*\n.*SETTINGS/ },
    { name: "settings that are no JSON", environment: { SETTINGS: "{lookback" }, says: /JSON/ },
    { name: "a setting that does not exist", environment: { SETTINGS: '{"lookBack":1}' }, says: /lookBack/ },
  ])("refuses $name", ({ environment, says }) => {
    expect(() => parse(environment)).toThrow(says);
  });

  test("the topic of the digest is an ARN", () => {
    const env = { LEDGER_TABLE: "ledger", DIGEST_TOPIC_ARN: "digest" };
    expect(() => parseEnvironment(NotifyEnv, env)).toThrow(/DIGEST_TOPIC_ARN/);
  });
});
