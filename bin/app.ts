import { App } from "aws-cdk-lib";
import { ConfigError } from "../core/errors.ts";
import { readConfiguration } from "../infra/configuration.ts";
import { DoubletakeStack } from "../infra/doubletake-stack.ts";

const app = new App();
try {
  new DoubletakeStack(app, "Doubletake", { configuration: readConfiguration(app.node) });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
