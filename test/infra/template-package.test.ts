// What `npm run template` writes, bundled for real. In the mode `observe`, which has half of the functions.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { unzipSync } from "fflate";
import { ConfigError } from "../../core/errors.ts";
import { writeTemplatePackage } from "../../scripts/template-package.ts";

const directory = mkdtempSync(join(tmpdir(), "doubletake-template-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Rules?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: a template is untyped JSON
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: any }>>;
}
let template: Template;
beforeAll(() => {
  writeTemplatePackage({ directory, context: { notifyEmail: "team@example.org", mode: "observe" } });
  template = JSON.parse(readFileSync(join(directory, "doubletake.template.json"), "utf8"));
});

const functions = () =>
  Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");

describe("the template package", () => {
  test("asks for the bucket and the prefix, and needs no bootstrapped account", () => {
    expect(Object.keys(template.Parameters).sort()).toEqual(["AssetsBucket", "AssetsPrefix"]);
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
    for (const name of Object.keys(template.Parameters)) expect(readme).toContain(`\`${name}\``);
    expect(readme).toContain("aws cloudformation deploy");
  });

  test("a configuration with problems writes nothing", () => {
    const other = join(directory, "other");
    expect(() => writeTemplatePackage({ directory: other, context: { mode: "nonsense" } })).toThrow(
      ConfigError,
    );
    expect(existsSync(other)).toBe(false);
  });
});
