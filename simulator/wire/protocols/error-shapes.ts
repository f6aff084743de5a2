// Error codes of the Query era and the shape names that the JSON protocols use for the same errors.
// @see the `awsQueryError` traits in the services' public models
import type { ServiceName } from "../service.ts";

const SQS_SHAPES: Readonly<Record<string, string>> = {
  "AWS.SimpleQueueService.NonExistentQueue": "QueueDoesNotExist",
  "AWS.SimpleQueueService.QueueDeletedRecently": "QueueDeletedRecently",
  "AWS.SimpleQueueService.PurgeQueueInProgress": "PurgeQueueInProgress",
  "AWS.SimpleQueueService.MessageNotInflight": "MessageNotInflight",
  "AWS.SimpleQueueService.UnsupportedOperation": "UnsupportedOperation",
  "AWS.SimpleQueueService.EmptyBatchRequest": "EmptyBatchRequest",
  "AWS.SimpleQueueService.TooManyEntriesInBatchRequest": "TooManyEntriesInBatchRequest",
  "AWS.SimpleQueueService.BatchEntryIdsNotDistinct": "BatchEntryIdsNotDistinct",
  "AWS.SimpleQueueService.BatchRequestTooLong": "BatchRequestTooLong",
  "AWS.SimpleQueueService.InvalidBatchEntryId": "InvalidBatchEntryId",
  QueueAlreadyExists: "QueueNameExists",
};

const CLOUDWATCH_SHAPES: Readonly<Record<string, string>> = {
  InvalidParameterValue: "InvalidParameterValueException",
  InvalidParameterCombination: "InvalidParameterCombinationException",
  MissingParameter: "MissingRequiredParameterException",
  ValidationError: "ValidationException",
};

/** Errors that AWS's common front end raises, before the service sees the request. */
const FRONT_END_SHAPES: Readonly<Record<string, string>> = {
  AccessDenied: "com.amazon.coral.service#AccessDeniedException",
  InvalidAction: "com.amazon.coral.service#UnknownOperationException",
  UnknownOperationException: "com.amazon.coral.service#UnknownOperationException",
};

/** The `__type` of an error in a JSON protocol. */
export function errorShape(service: ServiceName, code: string): string {
  const frontEnd = FRONT_END_SHAPES[code];
  if (frontEnd !== undefined) {
    return frontEnd;
  }
  switch (service) {
    case "sqs":
      return `com.amazonaws.sqs#${SQS_SHAPES[code] ?? code}`;
    case "cloudwatch":
      return `com.amazonaws.cloudwatch#${CLOUDWATCH_SHAPES[code] ?? code}`;
    case "states":
      return `com.amazonaws.sfn#${code}`;
    default:
      return code;
  }
}
