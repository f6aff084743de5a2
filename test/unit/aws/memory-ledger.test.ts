import { createMemoryLedger } from "../../../aws/memory-ledger.ts";
import { describeLedger } from "../../support/ledger-contract.ts";

describeLedger("the ledger in memory", createMemoryLedger);
