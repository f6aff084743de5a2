// Numbers as people read them in a sentence.

const NUMBER = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export const count = (value: number): string => NUMBER.format(value);

export const quantity = (value: number | null, one: string, many: string): string =>
  value === null ? many : `${count(value)} ${Math.round(value) === 1 ? one : many}`;

/** Two significant digits below 10 %, whole percents above. */
export const percentage = (value: number): string =>
  `${value === 0 || value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`;

/** Of milliseconds. */
export const seconds = (durationMs: number | null): string => `${((durationMs ?? 0) / 1000).toFixed(1)} s`;
