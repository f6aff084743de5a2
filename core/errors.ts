// Every error thrown on purpose, grouped by what the workflow should do about it.

/**
 * Base of every error thrown on purpose. Lambda reports `error.name` as the errorType and
 * Step Functions matches that string, so each subclass sets its own literal name.
 */
export abstract class AppError extends Error {
  abstract override readonly name: string;
}

/** The deployment or the command line is wrong (environment, configuration, flags): never retry. */
export class ConfigError extends AppError {
  override readonly name = "ConfigError";
}

/** The account cannot be read at all (no credentials, expired, wrong Region): never retry. */
export class AccountUnreadableError extends AppError {
  override readonly name = "AccountUnreadableError";
}

/** AWS throttled us or failed for a moment and the SDK's own retries are used up: retry later. */
export class TransientError extends AppError {
  override readonly name = "TransientError";
}

/**
 * A call that changes something outside (a publish) ended without an answer: it may have happened or not.
 * Never repeat it blindly.
 */
export class OutcomeUnknownError extends AppError {
  override readonly name = "OutcomeUnknownError";
}

/** A handler was given, or produced, something its schema refuses: a bug, never retry. */
export class ContractError extends AppError {
  override readonly name = "ContractError";
}

/** Another execution has already claimed this scan (the schedule delivers at least once): stop quietly. */
export class ScanAlreadyClaimedError extends AppError {
  override readonly name = "ScanAlreadyClaimedError";
}

/** The request was decided, or has expired, before anybody could be asked again: go on with what was decided. */
export class ApprovalSettledError extends AppError {
  override readonly name = "ApprovalSettledError";
}

/**
 * One resource could not be read. A result in itself: the scan lists it under `unreadable` and goes on.
 */
export class UnreadableError extends AppError {
  override readonly name = "UnreadableError";
  readonly resource: string;
  readonly reason: string;
  /** True when AWS says that there is no such resource. */
  readonly missing: boolean;

  /**
   * @param resource ARN where known, otherwise the name AWS uses for it.
   * @param reason one plain sentence that says what would make it readable.
   */
  constructor(resource: string, reason: string, options?: ErrorOptions & { readonly missing?: boolean }) {
    super(`cannot read ${resource}: ${reason}`, options);
    this.resource = resource;
    this.reason = reason;
    this.missing = options?.missing ?? false;
  }
}
