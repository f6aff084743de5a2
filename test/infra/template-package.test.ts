// What `npm run template` writes, bundled for real, in the mode `observe`, which has half of the functions; and what it
// asks for at deployment.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";
import fc from "fast-check";
import { unzipSync } from "fflate";
import * as z from "zod";
import { ConfigError } from "../../core/errors.ts";
import { ChangeEnv, parseEnvironment } from "../../functions/shared/environment.ts";
import { createTemplateApp, writeTemplatePackage } from "../../scripts/template-package.ts";
import { ONE_ADDRESS, parameterRows } from "../../scripts/template-parameters.ts";
import { functionOf, resourcesOf } from "../support/synthesised-stack.ts";

const directory = mkdtempSync(join(tmpdir(), "doubletake-template-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface WrittenTemplate {
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Rules?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: a template is untyped JSON
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: any }>>;
}
let template: WrittenTemplate;
beforeAll(() => {
  writeTemplatePackage({ directory, context: { notifyEmail: "team@example.org", mode: "observe" } });
  template = JSON.parse(readFileSync(join(directory, "doubletake.template.json"), "utf8"));
});

const functions = () =>
  Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");

describe("the template package", () => {
  test("asks for the bucket and the prefix, and needs no bootstrapped account", () => {
    expect(Object.keys(template.Parameters)).toEqual(
      expect.arrayContaining(["AssetsBucket", "AssetsPrefix"]),
    );
    expect(template.Parameters["AssetsBucket"]?.Default).toBeUndefined();
    expect(template.Parameters["AssetsPrefix"]?.Default).toBe("doubletake/");
    expect(template.Rules).toBeUndefined();
    expect(JSON.stringify(template)).not.toMatch(/cdk-bootstrap|cdk-hnb659fds/);
  });

  test("each function's code is a zip of the package that holds its handler, and no zip is left over", () => {
    expect(functions()).toHaveLength(9);
    const asked = functions().map(({ Properties: { Code } }) => {
      expect(Code.S3Bucket).toEqual({ "Fn::Sub": `\${AssetsBucket}` });
      const [, name = ""] = /^\$\{AssetsPrefix\}([0-9a-f]{64}\.zip)$/.exec(Code.S3Key["Fn::Sub"]) ?? [];
      return name;
    });
    expect([...new Set(asked)].sort()).toEqual(readdirSync(join(directory, "assets")).sort());
    for (const name of asked) {
      const files = unzipSync(new Uint8Array(readFileSync(join(directory, "assets", name))));
      expect(Object.keys(files)).toEqual(["index.mjs"]);
      expect(new TextDecoder().decode(files["index.mjs"])).toContain("handler");
    }
  });

  test("holds the configuration that it was written with", () => {
    const subscriptions = Object.values(template.Resources).filter(
      ({ Type }) => Type === "AWS::SNS::Subscription",
    );
    expect(new Set(subscriptions.map(({ Properties }) => Properties.Endpoint))).toEqual(
      new Set(["team@example.org"]),
    );
    expect(subscriptions).not.toEqual([]);
  });

  test("says how to upload it, with its parameters", () => {
    const readme = readFileSync(join(directory, "README.md"), "utf8");
    expect(documented(readme)).toEqual(
      Object.entries(template.Parameters).map(([name, { Default }]) => ({ name, byDefault: shown(Default) })),
    );
    expect(readme).toContain("aws cloudformation deploy");
    expect(readme).toContain("--parameter-overrides AssetsBucket=BUCKET --tags");
  });

  test("a configuration with problems writes nothing", () => {
    const other = join(directory, "other");
    expect(() => writeTemplatePackage({ directory: other, context: { mode: "nonsense" } })).toThrow(
      ConfigError,
    );
    expect(existsSync(other)).toBe(false);
  });
});

/** Names and defaults in the first table of parameters of a Markdown text. */
function documented(text: string): { name: string; byDefault: string }[] {
  const [, table = ""] = /\| parameter \| default \| meaning \|\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(text) ?? [];
  return [...table.matchAll(/^\| `(\w+)` \| (.*?) \|/gm)].map(([, name = "", byDefault = ""]) => ({
    name,
    byDefault,
  }));
}

function shown(value: unknown): string {
  if (value === undefined) return "none";
  return value === "" ? "empty" : `\`${value}\``;
}

/** Not bundled; the mode is `approve` unless told otherwise. */
function asked(context: Readonly<Record<string, unknown>> = {}) {
  const { stack, parameters } = createTemplateApp({ "aws:cdk:bundling-stacks": [], ...context });
  return { template: Template.fromStack(stack), names: parameters.map(({ name }) => name), parameters };
}

type Value = string | { readonly Ref: string } | { readonly "Fn::Join": readonly [string, readonly Value[]] };

/** As CloudFormation puts a text together. */
function resolved(value: Value, parameters: Readonly<Record<string, string>>): string {
  if (typeof value === "string") return value;
  if ("Ref" in value) return parameters[value.Ref] ?? `<${value.Ref}>`;
  const [separator, parts] = value["Fn::Join"];
  return parts.map((part) => resolved(part, parameters)).join(separator);
}

describe("a template that was written without an address", () => {
  const { template: open, parameters } = asked();

  test("asks for one", () => {
    const { NotifyEmail } = open.findParameters("NotifyEmail");
    expect(NotifyEmail).toEqual(
      expect.objectContaining({ Type: "String", AllowedPattern: ONE_ADDRESS, MaxLength: 254 }),
    );
    expect(NotifyEmail).not.toHaveProperty("Default");
  });

  test("gives it digest, alarms and requests for approval", () => {
    const subscriptions = resourcesOf(open, "AWS::SNS::Subscription").map(([, { Properties }]) => Properties);
    expect(subscriptions.map(({ Endpoint }) => Endpoint)).toEqual([
      { Ref: "NotifyEmail" },
      { Ref: "NotifyEmail" },
      { Ref: "NotifyEmail" },
    ]);
    expect(subscriptions.flatMap(({ FilterPolicy }) => FilterPolicy ?? [])).toEqual([
      { recipient: [{ Ref: "NotifyEmail" }] },
    ]);
    const [, { Properties }] = functionOf(open, "Summarise");
    expect(Properties.Environment.Variables).toMatchObject({
      DIGEST_SUBSCRIBERS: { Ref: "NotifyEmail" },
      APPROVAL_SUBSCRIBERS: { Ref: "NotifyEmail" },
    });
  });

  test("functions read the settings with the address in their JSON", () => {
    const [, { Properties }] = functionOf(open, "RequestApproval");
    const { SETTINGS, CHANGE_SETTINGS } = Properties.Environment.Variables;
    const environment = parseEnvironment(ChangeEnv, {
      LEDGER_TABLE: "ledger",
      SETTINGS,
      CHANGE_SETTINGS: resolved(CHANGE_SETTINGS, { NotifyEmail: "o'neil+sqs@mail.example.org" }),
    });
    expect(environment.CHANGE_SETTINGS.approvers).toEqual(["o'neil+sqs@mail.example.org"]);
  });

  test("bounds every role with the policy that was named, and none without a name", () => {
    const bounds = resourcesOf(open, "AWS::IAM::Role").map(
      ([, { Properties }]) => Properties.PermissionsBoundary["Fn::If"],
    );
    for (const [condition, arn, otherwise] of bounds) {
      expect(condition).toBe("IsBounded");
      expect(resolved(arn, { PermissionsBoundary: "team/limits" })).toBe(
        "arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/team/limits",
      );
      expect(otherwise).toEqual({ Ref: "AWS::NoValue" });
    }
    expect(open.toJSON()["Conditions"].IsBounded).toEqual({
      "Fn::Not": [{ "Fn::Equals": [{ Ref: "PermissionsBoundary" }, ""] }],
    });
  });

  test("keeps every log as long as was said, by default as long as the configuration says", () => {
    open.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: { Ref: "LogRetentionDays" } });
    expect(open.findParameters("LogRetentionDays")["LogRetentionDays"]).toMatchObject({
      Type: "Number",
      Default: 30,
    });
  });

  test("keeps concurrency aside for the page, or none for 0", () => {
    const reserved = resourcesOf(open, "AWS::Lambda::Function").filter(
      ([, { Properties }]) => Properties.ReservedConcurrentExecutions !== undefined,
    );
    expect(reserved.map(([id]) => id)).toEqual([functionOf(open, "Approvals")[0]]);
    expect(reserved.map(([, { Properties }]) => Properties.ReservedConcurrentExecutions)).toEqual([
      {
        "Fn::If": ["KeepsConcurrencyAside", { Ref: "PageConcurrency" }, { Ref: "AWS::NoValue" }],
      },
    ]);
    expect(open.toJSON()["Conditions"].KeepsConcurrencyAside).toEqual({
      "Fn::Not": [{ "Fn::Equals": [{ Ref: "PageConcurrency" }, "0"] }],
    });
  });

  test("docs/deploy.md has the same table", () => {
    const text = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
    for (const row of parameterRows(parameters)) expect(text).toContain(row);
    expect(documented(text)).toHaveLength(parameters.length);
  });
});

describe("what a template asks for", () => {
  const all = [
    "AssetsBucket",
    "AssetsPrefix",
    "NotifyEmail",
    "LogRetentionDays",
    "PermissionsBoundary",
    "PageConcurrency",
  ];

  test.each([
    { context: {}, without: [] },
    { context: { notifyEmail: "a@b.org" }, without: ["NotifyEmail"] },
    { context: { doubletake: { notifyEmail: ["a@b.org"] } }, without: ["NotifyEmail"] },
    { context: { doubletake: { permissionsBoundary: "limits" } }, without: ["PermissionsBoundary"] },
    { context: { doubletake: { approvalPage: false } }, without: ["PageConcurrency"] },
    { context: { mode: "observe" }, without: ["PageConcurrency"] },
  ])("$context: all but $without", ({ context, without }) => {
    expect(asked(context).names).toEqual(all.filter((name) => !without.some((other) => other === name)));
  });

  test("who was named keeps what they were named for", () => {
    const { template: mixed } = asked({ approvers: "boss@example.org" });
    const [, { Properties }] = functionOf(mixed, "Summarise");
    expect(Properties.Environment.Variables).toMatchObject({
      DIGEST_SUBSCRIBERS: { Ref: "NotifyEmail" },
      APPROVAL_SUBSCRIBERS: "boss@example.org",
    });
  });

  test("an address that is not known yet has room in the functions' environment, or is refused", () => {
    const changeQueues = (length: number) => ({ doubletake: { changeQueues: ["q".repeat(length)] } });
    expect(asked(changeQueues(1800)).names).toContain("NotifyEmail");
    expect(() => asked(changeQueues(2600))).toThrow(ConfigError);
    expect(asked({ ...changeQueues(2600), notifyEmail: "a@b.org" }).names).not.toContain("NotifyEmail");
  });
});

describe("the pattern of an address", () => {
  const pattern = new RegExp(ONE_ADDRESS);

  test.each(["a@b.org", "first.last+tag@mail.example.co.uk", "o'neil@example.org", "A_B-c@x-1.example"])(
    "takes %s",
    (text) => expect(text).toMatch(pattern),
  );

  test.each([
    "",
    "nobody",
    "a@b",
    "a@b.org,c@d.org",
    "a b@c.org",
    ".a@b.org",
    "a..b@c.org",
    'a"b@c.org',
    "a\\b@c.org",
    "a@b.org\n",
    "a@b..org",
  ])("refuses %j", (text) => expect(text).not.toMatch(pattern));

  test("takes nothing that the functions refuse, or that JSON would write otherwise", () => {
    fc.assert(
      fc.property(fc.stringMatching(pattern), (text) => {
        expect(z.email().safeParse(text).success).toBe(true);
        expect(JSON.stringify(text)).toBe(`"${text}"`);
      }),
    );
  });
});
