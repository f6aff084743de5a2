// Writes dist/doubletake.template.json and what it needs: npm run template [-- -c mode=observe].
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../core/errors.ts";
import { writeTemplatePackage } from "./template-package.ts";

const directory = join(import.meta.dirname, "../dist");
const { values } = parseArgs({ options: { context: { type: "string", short: "c", multiple: true } } });
const context = Object.fromEntries(
  (values.context ?? []).map((text) => {
    const at = text.indexOf("=");
    return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
  }),
);

try {
  writeTemplatePackage({ directory, context });
  process.stdout.write(
    `${directory}: doubletake.template.json, assets/, README.md says how to upload them\n`,
  );
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
