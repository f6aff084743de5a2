import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { LEDGER_TABLE } from "../core/model/ledger-table.ts";
import type { CustomerKey } from "./customer-key.ts";

/** What the ledger adapter calls; no Scan, no deletion of the table's items but by their key. */
export type LedgerAction = "BatchWriteItem" | "DeleteItem" | "GetItem" | "PutItem" | "Query" | "UpdateItem";

export interface LedgerTableProps {
  /** What becomes of the table when the stack is deleted. */
  readonly removalPolicy: "retain" | "destroy";
  /** Absent where AWS's own key encrypts the table. */
  readonly customerKey: CustomerKey | undefined;
}

/** The record of scans and findings. It outlives the stack unless told otherwise: it is the history of an account. */
export class LedgerTable extends Construct {
  readonly table: Table;
  private readonly customerKey: CustomerKey | undefined;

  constructor(scope: Construct, id: string, { removalPolicy, customerKey }: LedgerTableProps) {
    super(scope, id);
    this.customerKey = customerKey;
    this.table = new Table(this, "Table", {
      partitionKey: { name: LEDGER_TABLE.partitionKey, type: AttributeType.STRING },
      sortKey: { name: LEDGER_TABLE.sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: LEDGER_TABLE.timeToLiveAttribute,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicy === "retain" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(customerKey && {
        encryption: TableEncryption.CUSTOMER_MANAGED,
        encryptionKey: customerKey.key,
      }),
    });
  }

  /** Lets a function make these calls, and no other. */
  grant(role: Role, actions: readonly LedgerAction[]): void {
    if (actions.length === 0) return;
    this.table.grant(role, ...actions.map((action) => `dynamodb:${action}`));
    this.customerKey?.grantUse(role, "dynamodb");
  }
}
