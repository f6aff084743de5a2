// Do failures of a function stick to records, or do they hit whatever is at work? Only in the first case may a failed
// batch be called the victim of one of its records.
import { getOrCreate } from "./get-or-create.ts";
import { knownEndMs, knownStartMs, type ObservedInvocation } from "./observations.ts";

export interface FailurePattern {
  /** ARNs of functions whose error lines name the record that failed: where they name none, all failed. */
  readonly namesFailedRecords: ReadonlySet<string>;
  /** ARNs of functions in which what failed once fails again, far more often than new messages fail. */
  readonly sticksToRecords: ReadonlySet<string>;
}

/** Chance that mere bad luck looks like this, at most. */
const MAX_CHANCE_OF_LUCK = 0.001;

interface Trials {
  first: { tried: number; failed: number };
  again: { tried: number; failed: number };
}

/**
 * Compares how often new messages fail with how often messages fail that have failed before. A second try counts only
 * if the function succeeded with something else in between, because in an outage everything fails again.
 * @param invocations in order of start.
 * @param failedInOutage left out.
 */
export function failurePattern(
  invocations: readonly ObservedInvocation[],
  failedInOutage: ReadonlySet<ObservedInvocation>,
): FailurePattern {
  const trials = new Map<string, Trials>();
  /** Function → end of its latest success with messages that had not failed. */
  const lastSuccessMs = new Map<string, number>();
  /** Message → start of its latest failure. */
  const failures = new Map<string, number>();
  const known = new Set<string>();
  const names = new Set<string>();
  for (const invocation of invocations) {
    const { functionArn, messages, outcome, blamed } = invocation;
    if (blamed.length > 0 && messages.length > 1) names.add(functionArn);
    if (messages.length === 0 || (outcome !== "error" && outcome !== "success")) continue;
    const startMs = knownStartMs(invocation);
    const failedBeforeMs = Math.max(...messages.map(({ messageId }) => failures.get(messageId) ?? -1));
    const isNew = messages.every(({ messageId }) => !known.has(messageId));
    for (const { messageId } of messages) known.add(messageId);
    if (failedInOutage.has(invocation)) continue;
    if (outcome === "success" && failedBeforeMs < 0) lastSuccessMs.set(functionArn, knownEndMs(invocation));
    else for (const { messageId } of messages) failures.set(messageId, startMs);
    const counted = getOrCreate(trials, functionArn, newTrials);
    const interleaved = failedBeforeMs >= 0 && (lastSuccessMs.get(functionArn) ?? -1) > failedBeforeMs;
    const kind = isNew ? counted.first : interleaved ? counted.again : undefined;
    if (kind === undefined) continue;
    kind.tried += 1;
    if (outcome === "error") kind.failed += 1;
  }
  const sticks = [...trials].filter(([, counted]) => isSticky(counted)).map(([functionArn]) => functionArn);
  return { namesFailedRecords: names, sticksToRecords: new Set(sticks) };
}

const newTrials = (): Trials => ({ first: { tried: 0, failed: 0 }, again: { tried: 0, failed: 0 } });

/**
 * Chernoff's bound on the tail of a binomial distribution: with a chance p of failing, a share q > p of n tries fails
 * with a probability of at most exp(−n · D), where D = q ln(q/p) + (1 − q) ln((1 − q)/(1 − p)).
 * @see Hoeffding (1963), "Probability Inequalities for Sums of Bounded Random Variables", theorem 1
 */
function isSticky({ first, again }: Trials): boolean {
  if (again.failed === 0) return false;
  // Half a failure more than was seen: no function is sure never to fail.
  const p = (first.failed + 0.5) / (first.tried + 1);
  const q = again.failed / again.tried;
  if (q <= p) return false;
  const divergence = q * Math.log(q / p) + (q === 1 ? 0 : (1 - q) * Math.log((1 - q) / (1 - p)));
  return Math.exp(-again.tried * divergence) < MAX_CHANCE_OF_LUCK;
}
