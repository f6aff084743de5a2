// The thresholds that every comparison of ratios shares.

/** A median absolute deviation times this estimates a standard deviation of normal data. */
export const MAD_TO_SIGMA = 1.4826;
/** @see Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers": |modified z| > 3.5 */
export const Z_LIMIT = 3.5;
/** A rise of less than 10 % is not worth anybody's time, however steady the path. */
export const LEAST_RISE = 0.1;
/** No baseline is steadier than 2 %. */
export const LEAST_SPREAD = 0.02;
/** Variance of a median of normal data, in variances of their mean. */
export const MEDIAN_VARIANCE = Math.PI / 2;
