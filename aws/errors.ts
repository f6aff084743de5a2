// The one place that knows AWS's and Node's error codes, and turns them into ours with a sentence that says what
// to do. Which of ours depends on who asked: for one resource, for the whole account, or for something of our own.
import {
  AccountUnreadableError,
  AppError,
  ConfigError,
  ContractError,
  TransientError,
  UnreadableError,
} from "../core/errors.ts";

export type TroubleKind =
  /** Nothing can be read with these credentials, in this Region, over this network. */
  | "account"
  | "denied"
  | "missing"
  | "throttled"
  /** AWS failed or was silent for the moment. */
  | "unavailable"
  /** The endpoint answers, but in no form that the SDK understands (emulators). */
  | "unintelligible"
  | "other";

export interface Trouble {
  readonly kind: TroubleKind;
  /** One sentence, lower case, no full stop. */
  readonly sentence: string;
}

const NO_CREDENTIALS = ["CredentialsProviderError", "TokenProviderError", "MissingAuthenticationToken"];
const EXPIRED = ["ExpiredToken", "ExpiredTokenException"];
const REFUSED_CREDENTIALS = [
  "AuthFailure",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "OptInRequired",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
];
const CLOCK = ["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"];
const UNREACHABLE = ["EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND"];
const SILENT = ["ECONNRESET", "EPIPE", "ETIMEDOUT"];
const TIMEOUT = ["RequestTimeout", "RequestTimeoutException", "TimeoutError"];
const DENIED = ["AuthorizationError", "AuthorizationErrorException", "KMSAccessDeniedException"];
const MISSING = [
  "NotFound",
  "NotFoundException",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
  "StateMachineDeleting",
  "StateMachineDoesNotExist",
];
const THROTTLED = [
  "ExecutionLimitExceeded",
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
];
const UNKNOWN_OPERATION = ["InvalidAction", "UnknownOperation", "UnknownOperationException"];

/** What we look at in an SDK or Node error; read by shape, because Jest's errors are of another realm. */
interface ErrorShape {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly host: string | undefined;
  readonly status: number | undefined;
}

/**
 * Says what an error of an AWS call means.
 *
 * @param action the IAM action that was called, "service:Operation".
 */
export function troubleOf(error: unknown, action: string): Trouble {
  const { name, message, code, host, status } = shapeOf(error);
  const is = (names: readonly string[]) =>
    names.includes(name) || (code !== undefined && names.includes(code));

  if (is(EXPIRED) || (is(NO_CREDENTIALS) && /expired/i.test(message))) {
    return account("the AWS credentials have expired: sign in again (with SSO: aws sso login)");
  }
  if (is(NO_CREDENTIALS)) {
    return account(
      `no usable AWS credentials: check the profile, or set AWS_PROFILE or the access key variables (${message})`,
    );
  }
  if (is(CLOCK) || /signature (not yet current|expired)/i.test(message)) {
    return account("AWS refused the time of the request: set this computer's clock");
  }
  if (is(REFUSED_CREDENTIALS)) {
    return account(
      `AWS refused the credentials (${name}): check the access key, and that the Region is enabled`,
    );
  }
  if (/region is missing/i.test(message)) {
    return account("no AWS Region is set: name one, or set AWS_REGION");
  }
  if (/region not accepted|invalid region/i.test(message)) {
    return account(`the AWS Region is not valid: ${message}`);
  }
  if (is(UNREACHABLE)) {
    return account(
      `cannot reach ${host ?? "the AWS endpoint"} (${code}): check the Region's name, the endpoint and the network`,
    );
  }
  if (is(THROTTLED) || status === 429) {
    return { kind: "throttled", sentence: `throttled: ${action} was refused on every try, try again later` };
  }
  if (name.startsWith("AccessDenied") || name.startsWith("NotAuthorized") || is(DENIED)) {
    return { kind: "denied", sentence: deniedSentence(action, message) };
  }
  if (is(MISSING) || name.endsWith("NonExistentQueue")) {
    return { kind: "missing", sentence: `it does not exist, or ${action} may not see it` };
  }
  if (is(UNKNOWN_OPERATION) || name === "SyntaxError" || message.includes("Deserialization error")) {
    return {
      kind: "unintelligible",
      sentence: `the endpoint gives no answer to ${action} that the SDK can read`,
    };
  }
  if (status !== undefined && status >= 500) {
    return { kind: "unavailable", sentence: `AWS failed on every try of ${action} (${status} ${name})` };
  }
  if (is(SILENT) || is(TIMEOUT)) {
    return { kind: "unavailable", sentence: `AWS did not answer ${action} in time (${code ?? name})` };
  }
  if (status === 403) return { kind: "denied", sentence: deniedSentence(action, message) };
  return { kind: "other", sentence: `${action} failed with ${name}: ${message}` };
}

/**
 * For a call about one resource. Throttling too makes that one resource unreadable: the SDK has retried already,
 * and the rest of the scan must go on.
 *
 * @param resource ARN where known.
 */
export function resourceError(error: unknown, resource: string, action: string): AppError {
  if (error instanceof AppError) return error;
  const { kind, sentence } = troubleOf(error, action);
  return kind === "account"
    ? new AccountUnreadableError(sentence, { cause: error })
    : new UnreadableError(resource, sentence, { cause: error, missing: kind === "missing" });
}

/** For a call that changes one resource and may be repeated: worth a later retry when it was throttled. */
export function changeError(error: unknown, resource: string, action: string): AppError {
  if (error instanceof AppError) return error;
  const { kind, sentence } = troubleOf(error, action);
  return kind === "throttled" || kind === "unavailable"
    ? new TransientError(`${resource}: ${sentence}`, { cause: error })
    : resourceError(error, resource, action);
}

/** For a call that the whole scan, or a whole batch, stands on: worth a later retry when it was throttled. */
export function accountError(error: unknown, action: string): AppError {
  if (error instanceof AppError) return error;
  const { kind, sentence } = troubleOf(error, action);
  return kind === "throttled" || kind === "unavailable"
    ? new TransientError(sentence, { cause: error })
    : new AccountUnreadableError(sentence, { cause: error });
}

/**
 * For what the deployment itself owns, the ledger table, the topics, the workflow: when it is not there, the set-up
 * is wrong.
 */
export function ownError(error: unknown, resource: string, action: string): AppError {
  if (error instanceof AppError) return error;
  const { kind, sentence } = troubleOf(error, action);
  const text = `${resource}: ${sentence}`;
  switch (kind) {
    case "account":
      return new AccountUnreadableError(sentence, { cause: error });
    case "throttled":
    case "unavailable":
      return new TransientError(text, { cause: error });
    case "denied":
    case "missing":
    case "unintelligible":
      return new ConfigError(text, { cause: error });
    case "other":
      return new ContractError(text, { cause: error });
  }
}

function account(sentence: string): Trouble {
  return { kind: "account", sentence };
}

/** AWS says why ("because no identity-based policy allows …"); the rest of its message repeats the action. */
function deniedSentence(action: string, message: string): string {
  const why = /\bbecause (.+)$/i.exec(message)?.[1];
  return `${action} is not allowed${why === undefined ? ": grant it to the role or user that scans" : `: ${why}`}`;
}

function shapeOf(error: unknown): ErrorShape {
  const message = oneLine(text(error, "message") ?? String(error));
  // "connect ECONNREFUSED 127.0.0.1:9": the SDK sometimes keeps no more of Node's error than this text.
  const network = /\b(E[A-Z]{4,}(?:_[A-Z]+)?)(?: (\S+))?/.exec(message);
  return {
    name: text(error, "name") ?? "Error",
    message,
    // Services with the Query protocol carry their code in `Code`, Node's network errors in `code`.
    code: text(error, "code") ?? text(error, "Code") ?? network?.[1],
    host: network?.[2],
    status: statusOf(error),
  };
}

function statusOf(error: unknown): number | undefined {
  const status = field(field(error, "$metadata"), "httpStatusCode");
  return typeof status === "number" ? status : undefined;
}

function text(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === "string" && found !== "" ? found : undefined;
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

const LONGEST_MESSAGE = 300;

function oneLine(message: string): string {
  // Control characters too: the message may come from any endpoint, and ends in terminals and e-mails.
  const line = message
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .replace(/\.$/, "");
  return line.length <= LONGEST_MESSAGE ? line : `${line.slice(0, LONGEST_MESSAGE)} …`;
}
