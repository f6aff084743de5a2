// What the functions tell of themselves, by name: alarms and dashboard ask for exactly these.

/** Powertools adds the service as the metrics' one dimension, `service`. */
export const NAMESPACE = "Doubletake";
export const SERVICE = "doubletake";

/** Custom metrics are paid by name and dimension for each hour with data; what is only drawn is in a log line. */
export const METRIC_NAMES = ["OpenFindings", "UnreachableSubscribers"] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** Log lines that are drawn: their message, and the field that holds their figures. */
export const SCAN_LINE = { message: "scan summarised", field: "scan" } as const;
export const CHANGES_LINE = { message: "changes proposed", field: "changes" } as const;
