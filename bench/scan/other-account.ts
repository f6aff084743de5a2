// An account that answers otherwise than the one it is made of.
import type { SimulatedAccount } from "../../simulator/account.ts";

export type Account = SimulatedAccount & { setBaseUrl(url: string): void };

/** The account, but for some of its members. */
export function otherAccount(account: Account, members: Partial<Account>): Account {
  return new Proxy(account, {
    get(target, property) {
      if (Object.hasOwn(members, property)) return Reflect.get(members, property);
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
