import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AccountPort } from "../core/ports.ts";
import type { Connection } from "./connection.ts";
import { accountError } from "./errors.ts";

/** Whose account and which Region, from STS. Every failure here means that nothing can be read. */
export function createAccount(connection: Connection): AccountPort {
  const client = connection.client(STSClient);
  return {
    identity: async () => {
      try {
        const region = await client.config.region();
        const { Account } = await client.send(new GetCallerIdentityCommand({}));
        if (Account === undefined) throw new Error("expected an account id in the answer, got none");
        return { accountId: Account, region };
      } catch (error) {
        throw accountError(error, "sts:GetCallerIdentity");
      }
    },
  };
}
