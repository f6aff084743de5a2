// All services of the simulated account.
import type { SimulatedAccount } from "../account.ts";
import type { Faults } from "../faults.ts";
import { createCloudWatch } from "./cloudwatch.ts";
import { createDynamoDb, type DynamoDb } from "./dynamodb.ts";
import type { FunctionHandlers } from "./function-handlers.ts";
import { createLambda } from "./lambda.ts";
import { createLogs } from "./logs.ts";
import { createScheduler } from "./scheduler.ts";
import type { Service, ServiceName } from "./service.ts";
import { createSns, type SnsService } from "./sns.ts";
import type { PublishedMessage } from "./sns-messages.ts";
import { createSqs } from "./sqs.ts";
import { createStates, type StatesService } from "./states.ts";
import { createSts } from "./sts.ts";
import { createTagging } from "./tagging.ts";

export interface Services extends Readonly<Record<ServiceName, Service>> {
  readonly dynamodb: DynamoDb;
  readonly sns: SnsService;
  readonly states: StatesService;
}

export interface ServiceDependencies {
  readonly account: SimulatedAccount;
  readonly faults: Faults;
  readonly handlers: FunctionHandlers;
  /** SNS adds to it. */
  readonly published: PublishedMessage[];
}

export function createServices({ account, faults, handlers, published }: ServiceDependencies): Services {
  return {
    sqs: createSqs(account, faults),
    cloudwatch: createCloudWatch(account, faults),
    logs: createLogs(account, faults),
    lambda: createLambda(account, handlers),
    tag: createTagging(account, faults),
    sns: createSns(account, faults, published),
    sts: createSts(account),
    scheduler: createScheduler(account),
    states: createStates(account, handlers),
    dynamodb: createDynamoDb(),
  };
}
