// AWS STS: who the caller is. Everybody is the same user, because signatures are not verified.
import * as z from "zod";
import type { SimulatedAccount } from "../account.ts";
import { checked, type Service } from "./service.ts";

export function createSts(account: SimulatedAccount): Service {
  return {
    name: "sts",
    operations: {
      GetCallerIdentity: checked("ValidationError", z.object({}), () => ({
        UserId: "AIDASIMULATEDACCOUNT0",
        Account: account.accountId,
        Arn: `arn:aws:iam::${account.accountId}:user/simulated`,
      })),
    },
    throttled: { code: "Throttling", httpStatus: 400 },
    accessDenied: { code: "AccessDenied", httpStatus: 403 },
    unknownOperation: { code: "InvalidAction", httpStatus: 400 },
  };
}
