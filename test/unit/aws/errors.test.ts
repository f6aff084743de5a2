import { describe, expect, test } from "@jest/globals";
import { accountError, changeError, ownError, resourceError } from "../../../aws/errors.ts";
import { UnreadableError } from "../../../core/errors.ts";
import { awsError, networkError } from "../../support/aws-errors.ts";

const ACTION = "sqs:GetQueueAttributes";
const ARN = "arn:aws:sqs:us-east-1:123456789012:orders";

/** Which of our errors each of AWS's becomes: for one resource, for the account, for what is our own. */
const TABLE = [
  {
    error: awsError("CredentialsProviderError", { message: "Could not load" }),
    as: ["A", "A", "A"],
    says: /AWS_PROFILE/,
  },
  {
    error: awsError("CredentialsProviderError", { message: "The SSO session has expired" }),
    as: ["A", "A", "A"],
    says: /aws sso login/,
  },
  { error: awsError("ExpiredToken", { status: 403 }), as: ["A", "A", "A"], says: /expired: sign in again/ },
  { error: awsError("ExpiredTokenException"), as: ["A", "A", "A"], says: /expired/ },
  { error: awsError("InvalidClientTokenId", { status: 403 }), as: ["A", "A", "A"], says: /access key/ },
  { error: awsError("UnrecognizedClientException"), as: ["A", "A", "A"], says: /refused the credentials/ },
  {
    error: awsError("SignatureDoesNotMatch", { status: 403 }),
    as: ["A", "A", "A"],
    says: /refused the credentials/,
  },
  {
    error: awsError("InvalidSignatureException", { message: "Signature expired: 2026 is now earlier" }),
    as: ["A", "A", "A"],
    says: /clock/,
  },
  { error: awsError("RequestTimeTooSkewed", { status: 403 }), as: ["A", "A", "A"], says: /clock/ },
  { error: new Error("Region is missing"), as: ["A", "A", "A"], says: /set AWS_REGION/ },
  {
    error: networkError("ENOTFOUND", "getaddrinfo ENOTFOUND sqs.us-oest-1.amazonaws.com"),
    as: ["A", "A", "A"],
    says: /cannot reach sqs\.us-oest-1\.amazonaws\.com \(ENOTFOUND\): check the Region/,
  },
  {
    error: new Error("AWS SDK error wrapper for Error: connect ECONNREFUSED 127.0.0.1:9"),
    as: ["A", "A", "A"],
    says: /cannot reach 127\.0\.0\.1:9 \(ECONNREFUSED\)/,
  },
  { error: networkError("ECONNREFUSED"), as: ["A", "A", "A"], says: /cannot reach the AWS endpoint/ },
  { error: networkError("ECONNRESET"), as: ["U", "T", "T"], says: /did not answer .* \(ECONNRESET\)/ },
  { error: awsError("TimeoutError"), as: ["U", "T", "T"], says: /did not answer/ },
  {
    error: awsError("ServiceUnavailable", { status: 503 }),
    as: ["U", "T", "T"],
    says: /503 ServiceUnavailable/,
  },
  {
    error: awsError("RequestThrottled", { status: 403 }),
    as: ["U", "T", "T"],
    says: /^.*throttled: sqs:GetQueue/,
  },
  { error: awsError("ThrottlingException"), as: ["U", "T", "T"], says: /throttled/ },
  { error: awsError("TooManyRequestsException", { status: 429 }), as: ["U", "T", "T"], says: /throttled/ },
  { error: awsError("LimitExceededException"), as: ["U", "T", "T"], says: /throttled/ },
  {
    error: awsError("AccessDenied", { status: 403 }),
    as: ["U", "A", "C"],
    says: /GetQueueAttributes is not allowed: grant/,
  },
  {
    error: awsError("AccessDeniedException", {
      message: `User: u is not authorized to perform: ${ACTION} because no identity-based policy allows it.`,
    }),
    as: ["U", "A", "C"],
    says: /sqs:GetQueueAttributes is not allowed: no identity-based policy allows it$/,
  },
  {
    error: awsError("AuthorizationErrorException", { status: 403 }),
    as: ["U", "A", "C"],
    says: /not allowed/,
  },
  { error: awsError("UnknownError", { status: 403 }), as: ["U", "A", "C"], says: /not allowed/ },
  { error: awsError("QueueDoesNotExist"), as: ["U", "A", "C"], says: /does not exist/ },
  { error: awsError("AWS.SimpleQueueService.NonExistentQueue"), as: ["U", "A", "C"], says: /does not exist/ },
  {
    error: awsError("ResourceNotFoundException", { status: 404 }),
    as: ["U", "A", "C"],
    says: /does not exist/,
  },
  { error: awsError("NotFoundException", { status: 404 }), as: ["U", "A", "C"], says: /does not exist/ },
  {
    error: awsError("UnknownOperationException"),
    as: ["U", "A", "C"],
    says: /no answer .* the SDK can read/,
  },
  { error: awsError("SyntaxError"), as: ["U", "A", "C"], says: /no answer .* the SDK can read/ },
  {
    error: awsError("ValidationException", { message: "1 bad\n \u001b thing." }),
    as: ["U", "A", "X"],
    says: /: 1 bad thing$/,
  },
  { error: "a string", as: ["U", "A", "X"], says: /failed with Error: a string$/ },
  { error: undefined, as: ["U", "A", "X"], says: /failed with Error: undefined$/ },
];

const NAMES: Readonly<Record<string, string>> = {
  A: "AccountUnreadableError",
  C: "ConfigError",
  T: "TransientError",
  U: "UnreadableError",
  X: "ContractError",
};

/** As one resource that is only read, but for what passes. */
const forChange = (forAccount = "", forResource = "") => (forAccount === "T" ? "T" : forResource);

describe.each(TABLE)("$error", ({ error, as: [forResource, forAccount, forOwn], says }) => {
  test.each([
    { asked: "one resource", ours: resourceError(error, ARN, ACTION), name: NAMES[forResource ?? ""] },
    {
      asked: "a change of one resource",
      ours: changeError(error, ARN, ACTION),
      name: NAMES[forChange(forAccount, forResource)],
    },
    { asked: "the account", ours: accountError(error, ACTION), name: NAMES[forAccount ?? ""] },
    { asked: "our own table", ours: ownError(error, "ledger table t", ACTION), name: NAMES[forOwn ?? ""] },
  ])("asked for $asked → $name", ({ ours, name }) => {
    expect(ours.name).toBe(name);
    expect(ours.message).toMatch(says);
    expect(ours.message).not.toMatch(/\n|\.$/);
    expect(ours.cause).toBe(error);
  });
});

test("an error that is already ours goes through unchanged", () => {
  const ours = new UnreadableError(ARN, "gone");
  expect(resourceError(ours, "other", ACTION)).toBe(ours);
  expect(accountError(ours, ACTION)).toBe(ours);
  expect(changeError(ours, "other", ACTION)).toBe(ours);
  expect(ownError(ours, "t", ACTION)).toBe(ours);
});

test("an unreadable resource is named, with the reason alone beside it", () => {
  expect(resourceError(awsError("QueueDoesNotExist"), ARN, ACTION)).toMatchObject({
    resource: ARN,
    reason: `it does not exist, or ${ACTION} may not see it`,
  });
});

test("a long message is cut", () => {
  const ours = resourceError(awsError("ValidationException", { message: "x".repeat(5000) }), ARN, ACTION);
  expect(ours.message.length).toBeLessThan(500);
});
