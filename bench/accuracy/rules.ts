// The rules that people use today, written from their public descriptions.

/** What such a rule sees of one path. Points are one a minute over the window, 0 where CloudWatch has none. */
export interface RuleInput {
  readonly visibilityTimeoutSeconds: number;
  /** Of the polling mappings. */
  readonly consumers: readonly {
    readonly functionTimeoutSeconds: number;
    readonly batchingWindowSeconds: number;
  }[];
  readonly sentByMinute: readonly number[];
  readonly invocationsByMinute: readonly number[];
  readonly oldestAgeSecondsByMinute: readonly number[];
  /** The highest ApproximateReceiveCount that any consumer was given. */
  readonly maxReceiveCount: number;
}
