// Functions that use the ledger, which is all of them: those that states call, and the one that takes decisions.
import type { Construct } from "constructs";
import { ScanSettings } from "../core/model/settings.ts";
import { type Access, grantAccess } from "./account-access.ts";
import { AppFunction, type AppFunctionProps, type EnvSchema } from "./app-function.ts";
import { ConfiguredChange, type StackConfiguration, scanIntervalHours } from "./configuration.ts";
import type { CustomerKey } from "./customer-key.ts";
import type { LedgerAction, LedgerTable } from "./ledger-table.ts";

/** What every function is made from. */
export interface FunctionContext {
  readonly configuration: StackConfiguration;
  readonly ledger: LedgerTable;
  /** Absent where AWS's own keys encrypt what is stored. */
  readonly customerKey: CustomerKey | undefined;
}

interface LedgerFunctionProps<Env extends EnvSchema>
  extends Omit<AppFunctionProps<Env>, "folder" | "logRetention" | "logKey"> {
  /** The calls that the function makes to the ledger. A document that one item cannot hold takes a Query to read. */
  readonly ledger: readonly LedgerAction[];
  /** @default nothing but the ledger */
  readonly access?: readonly Access[];
}

/** @param name of the state, if a state calls it; the folder follows from it. */
export function ledgerFunction<Env extends EnvSchema>(
  scope: Construct,
  name: string,
  { configuration, ledger, customerKey }: FunctionContext,
  props: LedgerFunctionProps<Env>,
): AppFunction<Env> {
  const { ledger: ledgerActions, access = [], ...own } = props;
  const made = new AppFunction(scope, name, {
    folder: kebabCase(name),
    logRetention: configuration.logRetentionDays,
    logKey: customerKey?.key,
    ...own,
  });
  ledger.grant(made.role, ledgerActions);
  grantAccess(made.role, access);
  return made;
}

/** Environment of a function that needs the ledger only. */
export const ledgerEnvironment = ({ ledger }: FunctionContext) => ({ LEDGER_TABLE: ledger.table.tableName });

const scanSettings = (configuration: StackConfiguration): ScanSettings =>
  ScanSettings.parse({
    ...configuration,
    scanIntervalMinutes: Math.round(60 * scanIntervalHours(configuration)),
  });

/** Environment of a function that measures or judges paths. */
export const scanEnvironment = (context: FunctionContext) => ({
  ...ledgerEnvironment(context),
  SETTINGS: JSON.stringify(scanSettings(context.configuration)),
});

/** Environment of a function that decides on changes. */
export const changeEnvironment = (context: FunctionContext) => ({
  ...scanEnvironment(context),
  CHANGE_SETTINGS: JSON.stringify(ConfiguredChange.parse(context.configuration)),
});

function kebabCase(name: string): string {
  return name.replaceAll(/(?<=.)(?=[A-Z])/g, "-").toLowerCase();
}
