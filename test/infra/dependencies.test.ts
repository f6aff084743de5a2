import { describe, expect, test } from "@jest/globals";
import { build } from "esbuild";

describe("the command line", () => {
  test("never loads the CDK: it is heavy, and needs no stack", async () => {
    const { metafile } = await build({
      entryPoints: [new URL("../../bin/doubletake.ts", import.meta.url).pathname],
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      write: false,
      metafile: true,
    });
    const packages = Object.values(metafile.inputs)
      .flatMap(({ imports }) => imports)
      .filter(({ external }) => external)
      .map(({ path }) => path);
    expect(packages).toContain("@aws-sdk/client-sqs");
    expect(packages.filter((path) => /cdk|^constructs/.test(path))).toEqual([]);
  });
});
