import { describe, expect, test } from "@jest/globals";
import { AwsSolutionsChecks } from "cdk-nag";
import { createStack } from "../support/synthesised-stack.ts";

function findings(configuration: Record<string, unknown>): string[] {
  const stack = createStack(configuration);
  const report = new AwsSolutionsChecks().validateScope(stack);
  return report.violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} on ${constructPath}`),
  );
}

describe("cdk-nag (AwsSolutions)", () => {
  test.each([
    { mode: "observe" },
    { mode: "observe", sampling: true, notifyEmail: ["a@example.org"] },
    { mode: "approve" },
    { mode: "approve", approvalPage: false, sampling: true },
    { mode: "approve", pageConcurrency: 0, approvers: ["a@example.org"] },
    {
      mode: "approve",
      kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    },
    { mode: "auto", changeQueues: ["orders", "team-*"], changeTag: "team=orders" },
  ])("finds nothing with %j", (configuration) => {
    expect(findings(configuration)).toEqual([]);
  });
});
