// docs/permissions.md, written from the synthesised templates: what each role may do, on what, and why. A permission
// without a reason is an error, so that nobody adds one silently.
import type { Template } from "aws-cdk-lib/assertions";
import {
  type Access,
  asyncSourcesAccess,
  callbackAccess,
  changeAccess,
  concurrencyAccess,
  listingAccess,
  metricsAccess,
  pathAccess,
  queryAccess,
  queryResultsAccess,
  samplingAccess,
} from "../infra/account-access.ts";
import {
  functionNames,
  holderOf,
  identityStatements,
  synthesise,
  withoutHash,
} from "../test/support/synthesised-stack.ts";

/** One action that a role holds on one resource. */
interface Permission {
  readonly holder: string;
  readonly action: string;
  readonly resource: string;
  /** Empty where there is none. */
  readonly condition: string;
  readonly why: string;
}

const INTRODUCTION = `# Permissions

What each role of the stack may do, from the synthesised template. Written by \`npm run permissions\`. A test compares this file with the template, and another (\`test/workflow/least-privilege.test.ts\`) each function's permissions with the calls that the SDK really made while scans and changes ran against a simulated account, with what can go wrong on the way: nothing missing, nothing unused. Who could misuse what: [security.md](security.md).

- Every function has a role of its own, which only Lambda may assume. No role carries a managed policy, and no action has a wildcard.
- A name such as \`LedgerTable\` is that one resource of the stack. "The account" in a reason is the account and Region that the stack is in.
- Of a function's permissions only those for its own log and its traces are used by Lambda itself, so that no call shows them. Those on a \`kmsKeyArn\` are used by the services that it goes through; they are AWS's lists, not tried.
- \`both\` is \`observe\` and \`approve\`; in the mode \`auto\` the permissions are those of \`approve\`. The defaults of all other settings are shown; what a setting adds is at the end. \`changeQueues\` and \`changeTag\` narrow \`sqs:SetQueueAttributes\`, and \`asyncSources: false\` takes \`cloudwatch:ListMetrics\`, \`lambda:GetPolicy\` and \`lambda:GetFunctionEventInvokeConfig\` away.
`;

/** Stands for the one that is given. */
const CUSTOMER_KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** Settings that add permissions. */
const ADDING: readonly { readonly words: string; readonly configuration: Record<string, unknown> }[] = [
  { words: "`sampling: true`", configuration: { sampling: true } },
  {
    words: "`kmsKeyArn`",
    configuration: { kmsKeyArn: CUSTOMER_KEY_ARN },
  },
];

const LOG_DELIVERY = "Step Functions sets up the delivery of its own log; AWS scopes it to no resource.";

const CUSTOMER_KEY = "What is stored is encrypted with the key; it can be used through that service only.";

/** Why a role holds what it holds on the stack's own resources, and what AWS scopes to none. */
const OWN_REASONS: Readonly<Record<string, string>> = {
  "dynamodb:BatchWriteItem": "The ledger: scans, findings, approvals and changes.",
  "dynamodb:DeleteItem": "The ledger: scans, findings, approvals and changes.",
  "dynamodb:GetItem": "The ledger: scans, findings, approvals and changes.",
  "dynamodb:PutItem": "The ledger: scans, findings, approvals and changes.",
  "dynamodb:Query": "The ledger: scans, findings, approvals and changes.",
  "dynamodb:UpdateItem": "The ledger: scans, findings, approvals and changes.",
  "lambda:InvokeFunction": "The functions of its states, and no other.",
  "logs:CreateLogDelivery": LOG_DELIVERY,
  "logs:CreateLogStream": "Its own log.",
  "logs:DeleteLogDelivery": LOG_DELIVERY,
  "logs:DescribeLogGroups": LOG_DELIVERY,
  "logs:DescribeResourcePolicies": LOG_DELIVERY,
  "logs:GetLogDelivery": LOG_DELIVERY,
  "logs:ListLogDeliveries": LOG_DELIVERY,
  "logs:PutLogEvents": "Its own log.",
  "logs:PutResourcePolicy": LOG_DELIVERY,
  "logs:UpdateLogDelivery": LOG_DELIVERY,
  "kms:Decrypt": CUSTOMER_KEY,
  "kms:DescribeKey": CUSTOMER_KEY,
  "kms:Encrypt": CUSTOMER_KEY,
  "kms:GenerateDataKey": CUSTOMER_KEY,
  "kms:GenerateDataKeyWithoutPlaintext": CUSTOMER_KEY,
  "kms:ReEncryptFrom": CUSTOMER_KEY,
  "kms:ReEncryptTo": CUSTOMER_KEY,
  "sns:ListSubscriptionsByTopic": "Says in the digest who has not confirmed the subscription.",
  "sns:Publish": "Sends a mail.",
  "sqs:SendMessage": "Keeps what the schedule could not start.",
  "states:DescribeExecution": "Sees whether what it started still runs; executions are named as they start.",
  "states:StartExecution": "Starts executions of that state machine, and of no other.",
  "states:StopExecution": "Stops the batches of a scan that was stopped.",
  "xray:GetSamplingRules": "X-Ray has no narrower resource.",
  "xray:GetSamplingTargets": "X-Ray has no narrower resource.",
  "xray:PutTelemetryRecords": "X-Ray has no narrower resource.",
  "xray:PutTraceSegments": "X-Ray has no narrower resource.",
};

const reasons = new Map(Object.entries(OWN_REASONS));
for (const { actions, reason } of [
  pathAccess,
  listingAccess,
  asyncSourcesAccess,
  metricsAccess,
  concurrencyAccess,
  samplingAccess,
  queryAccess,
  queryResultsAccess,
  changeAccess({ changeQueues: ["*"] }),
  callbackAccess,
].flat() satisfies Access[]) {
  for (const action of actions) reasons.set(action, reason);
}

/** The whole of docs/permissions.md. */
export function permissionsDocument(): string {
  const approving = synthesise({ mode: "approve" });
  const permissions = permissionsOf(approving);
  const observed = keysOf(permissionsOf(synthesise({ mode: "observe" })));
  const known = keysOf(permissions);
  const more = [...observed].filter((key) => !known.has(key));
  if (more.length > 0) throw new Error(`expected observe to hold no more than approve, got ${more}`);

  const sectionOf = (holder: string) => {
    const own = permissions.filter((one) => one.holder === holder);
    const always = rowsOf(own.filter((one) => observed.has(keyOf(one)))).map((row) => ["both", ...row]);
    const asking = rowsOf(own.filter((one) => !observed.has(keyOf(one)))).map((row) => ["approve", ...row]);
    return `### ${titleOf(holder)}\n\n${table(["mode", ...COLUMNS], [...asking, ...always])}`;
  };
  const functions = functionNames(approving);
  const holders = [...new Set(permissions.map(({ holder }) => holder))].sort();
  const added = ADDING.map(({ words, configuration }) => {
    const adding = permissionsOf(synthesise({ mode: "approve", ...configuration })).filter(
      (one) => !known.has(keyOf(one)),
    );
    const rows = [...new Set(adding.map(({ holder }) => holder))].flatMap((holder) =>
      rowsOf(adding.filter((one) => one.holder === holder)).map((cells) => ({ holder, cells })),
    );
    const shared = grouped(rows, ({ cells }) => cells.join()).map((alike) => [
      alike
        .map(({ holder }) => titleOf(holder))
        .sort()
        .join("<br>"),
      ...(alike[0]?.cells ?? []),
    ]);
    return `### ${words}\n\n${table(["role", ...COLUMNS], shared)}`;
  });
  return [
    INTRODUCTION,
    "## Functions\n",
    ...functions.map(sectionOf),
    "## Workflows and schedule\n",
    ...holders.filter((holder) => !functions.includes(holder)).map(sectionOf),
    "## What settings add\n",
    ...added,
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function permissionsOf(template: Template): Permission[] {
  return identityStatements(template).flatMap(({ roles, actions, resources, condition }) =>
    roles.flatMap((role) =>
      actions.flatMap((action) =>
        resources.map((resource) => ({
          holder: holderOf(role),
          action,
          resource: readable(resource),
          condition: condition === undefined ? "" : conditionWords(condition),
          why: reasonFor(action),
        })),
      ),
    ),
  );
}

const COLUMNS = ["action", "resource", "condition", "why"];

/**
 * The permissions of one role as the cells of a table: actions on the same resource share a row, and so do resources of
 * the same actions. What belongs to the account comes first, because it is what a reader looks for.
 */
function rowsOf(permissions: readonly Permission[]): string[][] {
  const byResource = grouped(permissions, ({ resource, condition, why }) =>
    JSON.stringify([resource, condition, why]),
  );
  const alike = grouped(byResource, (group) =>
    JSON.stringify([group.map(({ action }) => action).sort(), group[0]?.condition, group[0]?.why]),
  );
  return alike
    .map((groups) => {
      const all = groups.flat();
      const condition = all[0]?.condition ?? "";
      return {
        own: all.some(({ action }) => action in OWN_REASONS),
        cells: [
          code(all.map(({ action }) => action)),
          code(all.map(({ resource }) => resource)),
          condition === "" ? "" : code([condition]),
          all[0]?.why ?? "",
        ],
      };
    })
    .sort((a, b) => Number(a.own) - Number(b.own) || (a.cells.join() < b.cells.join() ? -1 : 1))
    .map(({ cells }) => cells);
}

function grouped<T>(items: readonly T[], key: (item: T) => string): T[][] {
  return [...Map.groupBy(items, key).values()];
}

function reasonFor(action: string): string {
  const reason = reasons.get(action);
  if (reason === undefined) throw new Error(`expected a reason for ${action} in ${import.meta.url}`);
  return reason;
}

const keyOf = (permission: Permission): string => JSON.stringify(permission);
const keysOf = (permissions: readonly Permission[]) => new Set(permissions.map(keyOf));

/** An own resource by its logical id without the hash, an ARN with placeholders as IAM's documentation writes it. */
function readable(resource: unknown): string {
  if (typeof resource === "string") return resource === CUSTOMER_KEY_ARN ? "kmsKeyArn" : resource;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": join } = resource as Record<string, unknown>;
  if (typeof Ref === "string") return PSEUDO[Ref] ?? withoutHash(Ref);
  if (Array.isArray(attribute)) return withoutHash(String(attribute[0]));
  if (Array.isArray(join)) return (join[1] as unknown[]).map(readable).join(String(join[0]));
  throw new Error(`expected a known form of resource, got ${JSON.stringify(resource)}`);
}

const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "<partition>",
  "AWS::Region": "<region>",
  "AWS::AccountId": "<account>",
  "AWS::URLSuffix": "amazonaws.com",
};

/** `StringEquals aws:ResourceTag/team = orders` */
function conditionWords(condition: unknown): string {
  return Object.entries(condition as Record<string, Record<string, unknown>>)
    .flatMap(([operator, tests]) =>
      Object.entries(tests).map(([key, value]) => `${operator} ${key} = ${readable(value)}`),
    )
    .join(", ");
}

/** The scheduler's role carries a hash in its name. */
function titleOf(holder: string): string {
  return holder.startsWith("SchedulerRole") ? "Schedule" : holder.replace(/Role$/, "");
}

const code = (texts: readonly string[]) =>
  [...new Set(texts)]
    .sort()
    .map((text) => `\`${text}\``)
    .join("<br>");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}
