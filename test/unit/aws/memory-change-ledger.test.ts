import { createMemoryChangeLedger } from "../../../aws/memory-change-ledger.ts";
import { describeChangeLedger } from "../../support/change-ledger-contract.ts";

describeChangeLedger("the changes in memory", createMemoryChangeLedger);
