// The construct in somebody else's app, beside resources that are not ours.
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { ConfigError } from "../../core/errors.ts";
import { Doubletake, type DoubletakeProps } from "../../infra/index.ts";
import { createApp, resourcesOf } from "../support/synthesised-stack.ts";

afterEach(() => {
  jest.restoreAllMocks();
});

/** A stack with a role of its own. */
function theirStack(): Stack {
  const stack = new Stack(createApp(), "Theirs");
  new Role(stack, "Their", { assumedBy: new ServicePrincipal("ec2.amazonaws.com") });
  return stack;
}

function added(props: DoubletakeProps): Template {
  const stack = theirStack();
  new Doubletake(stack, "Doubletake", { notifyEmail: ["team@example.org"], ...props });
  return Template.fromStack(stack);
}

const isTheirs = ([id]: readonly [string, unknown]) => id.startsWith("Their");

describe("Doubletake as a construct", () => {
  test("without any props is complete, in the default mode", () => {
    // CDK prints that nobody gets the digest, which is true here.
    jest.spyOn(console, "error").mockImplementation(() => {});
    const stack = theirStack();
    const { remediation } = new Doubletake(stack, "Doubletake");
    const template = Template.fromStack(stack);
    expect(remediation).toBeDefined();
    template.resourceCountIs("AWS::StepFunctions::StateMachine", 2);
    template.resourceCountIs("AWS::Scheduler::Schedule", 1);
  });

  test("in observe there is no remediation", () => {
    const { remediation } = new Doubletake(theirStack(), "Doubletake", {
      mode: "observe",
      notifyEmail: ["team@example.org"],
    });
    expect(remediation).toBeUndefined();
  });

  test("says where its parts are by properties, and adds no output to the stack", () => {
    expect(added({}).toJSON()).not.toHaveProperty("Outputs");
  });

  test("tags and bounds its own, the schedule's role among them, and nothing else in the stack", () => {
    const roles = resourcesOf(
      added({ tags: { team: "orders" }, permissionsBoundary: "limits" }),
      "AWS::IAM::Role",
    );
    const marked = roles.filter(
      ([, { Properties }]) => "PermissionsBoundary" in Properties && Properties.Tags !== undefined,
    );
    expect(roles.filter(isTheirs)).toHaveLength(1);
    expect(marked).toEqual(roles.filter((role) => !isTheirs(role)));
    expect(marked.some(([id]) => id.startsWith("SchedulerRole"))).toBe(true);
  });

  test("takes key and boundary that are made in the same app", () => {
    const stack = theirStack();
    const { keyArn } = new Key(stack, "TheirKey");
    const { managedPolicyArn } = new ManagedPolicy(stack, "TheirBoundary", {
      statements: [new PolicyStatement({ actions: ["sqs:*"], resources: ["*"] })],
    });
    new Doubletake(stack, "Doubletake", {
      kmsKeyArn: keyArn,
      permissionsBoundary: managedPolicyArn,
      notifyEmail: ["team@example.org"],
    });
    const template = Template.fromStack(stack);
    template.allResourcesProperties("AWS::SNS::Topic", {
      KmsMasterKeyId: { "Fn::GetAtt": [Match.stringLikeRegexp("^TheirKey"), "Arn"] },
    });
    const bounded = resourcesOf(template, "AWS::IAM::Role").filter((role) => !isTheirs(role));
    for (const [, { Properties }] of bounded) {
      expect(Properties.PermissionsBoundary).toEqual({ Ref: expect.stringMatching(/^TheirBoundary/) });
    }
  });

  test("two in one stack share no name", () => {
    const stack = theirStack();
    for (const id of ["One", "Two"]) new Doubletake(stack, id, { notifyEmail: ["team@example.org"] });
    const names = resourcesOf(Template.fromStack(stack), "AWS::Logs::LogGroup")
      .map(([, { Properties }]) => Properties.LogGroupName)
      .filter((name) => name !== undefined);
    expect(names.sort()).toEqual(
      ["One", "One-remediation", "Two", "Two-remediation"].map(
        (end) => `/aws/vendedlogs/states/Theirs-${end}`,
      ),
    );
  });

  test("refuses props with problems, all at once, and names itself", () => {
    const wrong = { mode: "fix", quorum: 0 } as unknown as DoubletakeProps;
    expect(() => new Doubletake(theirStack(), "Doubletake", wrong)).toThrow(ConfigError);
    expect(() => new Doubletake(theirStack(), "Doubletake", wrong)).toThrow(
      /the props of Theirs\/Doubletake.*mode.*quorum/s,
    );
  });
});
