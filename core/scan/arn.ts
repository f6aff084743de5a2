// The parts of an ARN (arn:partition:service:region:account:resource…) that the scan asks for.
import { type PathReference, pathArn } from "../model/finding.ts";

/** Account id of an ARN; empty where it has none. */
export function accountOfArn(arn: string): string {
  return arn.split(":")[4] ?? "";
}

/** Queue name of a queue ARN. */
export function queueNameOfArn(queueArn: string): string {
  return queueArn.split(":").slice(5).join(":");
}

/** A function ARN without its alias or version. */
export function unqualifiedFunctionArn(functionArn: string): string {
  return functionArn.split(":").slice(0, 7).join(":");
}

/** The function's name in a function ARN; the text itself where it is no ARN. */
export function functionNameOfArn(functionArn: string): string {
  return functionArn.split(":")[6] ?? functionArn;
}

/** What people call a path: the name of its queue, or of its function where no queue stands between. */
export function pathNameOf(path: PathReference): string {
  const arn = pathArn(path);
  return path.queueArn === undefined ? functionNameOfArn(arn) : queueNameOfArn(arn);
}
