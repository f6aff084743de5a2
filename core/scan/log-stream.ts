/**
 * True when a log stream may hold lines of the function. Several functions may write to one custom log group;
 * there a stream is named `YYYY/MM/DD/function[version]environment`, in a function's own group
 * `YYYY/MM/DD/[version]environment`.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
export function mayBelongTo(logStream: string, functionName: string): boolean {
  const owner = /^\d{4}\/\d{2}\/\d{2}\/([^[\]/]*)\[/.exec(logStream)?.[1] ?? "";
  return owner === "" || owner === functionName;
}
