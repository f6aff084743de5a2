// Tests that let the SDK look for credentials must not find those of whoever runs them.
import process from "node:process";
import { afterEach, beforeEach } from "@jest/globals";

/** Replaces every AWS_… variable for the length of each test, so that only what is given here is found. */
export function useAwsEnvironment(variables: Readonly<Record<string, string>> = {}): void {
  let saved: Record<string, string | undefined> = {};
  const current = () => Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
  beforeEach(() => {
    saved = Object.fromEntries(current().map((name) => [name, process.env[name]]));
    for (const name of current()) delete process.env[name];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/nonexistent/config",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
      ...variables,
    });
  });
  afterEach(() => {
    for (const name of current()) delete process.env[name];
    Object.assign(process.env, saved);
  });
}

/** What any simulated account accepts. */
export const TEST_CREDENTIALS = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" } as const;
