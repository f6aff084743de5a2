// The real AWS CLI, where one is installed.
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";

/** Only what the CLI needs: no configuration, profile or credentials of the user. */
const environment = (region: string): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_DEFAULT_REGION: region,
  AWS_REGION: region,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_MAX_ATTEMPTS: "1",
  AWS_PAGER: "",
  HOME: "/nonexistent",
});

/** Undefined where none is installed. */
export function awsCliVersion(): string | undefined {
  try {
    return execFileSync("aws", ["--version"], { env: environment("us-east-1"), encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** What the CLI writes to stdout, talking to `endpointUrl`. */
export async function awsCli(endpointUrl: string, region: string, args: readonly string[]): Promise<string> {
  // The endpoint is given twice: Debian 12's CLI knows only the option, scripts use the variable.
  const { stdout } = await promisify(execFile)("aws", [...args, "--endpoint-url", endpointUrl], {
    env: { ...environment(region), AWS_ENDPOINT_URL: endpointUrl },
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout;
}
