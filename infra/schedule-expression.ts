// How often an EventBridge Scheduler expression fires. One-off `at(…)` schedules make no sense here.
// See https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

const HOURS_PER_UNIT = { minute: 1 / 60, hour: 1, day: 24 } as const;

/** Hours between two runs of `rate(3 hours)`; undefined for anything that is no rate. */
export function rateHours(expression: string): number | undefined {
  const match = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression);
  const unit = match?.[2] as keyof typeof HOURS_PER_UNIT | undefined;
  return unit === undefined ? undefined : Number(match?.[1]) * HOURS_PER_UNIT[unit];
}

/** True for six fields in `cron(…)`; AWS judges the fields themselves when the schedule is deployed. */
export function isCron(expression: string): boolean {
  return /^cron\(\S+( \S+){5}\)$/.test(expression);
}
