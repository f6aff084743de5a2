// Names and tags as real accounts have them, dealt out by the seed: they say nothing about the scenario.
import type { Random } from "../engine/random.ts";

const SUBJECTS = [
  "orders", "payments", "invoices", "shipments", "refunds", "inventory", "alerts", "subscriptions",
  "loyalty", "catalog", "returns", "pricing", "customers", "ledger", "fraud-checks", "emails", "coupons",
  "deliveries", "labels", "reviews", "exports", "imports", "audit", "billing", "images", "search-index",
  "webhooks", "reports", "accounts", "contracts", "quotes", "bookings", "tickets", "claims", "vouchers",
  "devices", "meter-readings", "documents", "signatures", "campaigns",
] as const; // biome-ignore format: a plain list
const QUEUE_WORDS = ["queue", "events", "inbox", "jobs", "work"] as const;
const FUNCTION_WORDS = ["worker", "processor", "handler", "consumer", "sync"] as const;
const TEAMS = ["checkout", "fulfilment", "platform", "growth", "finance"] as const;

export interface PathNames {
  readonly subject: string;
  /** Without .fifo. */
  readonly queue: string;
  readonly functions: readonly string[];
  readonly logGroups: readonly string[];
  readonly queueTags: Readonly<Record<string, string>>;
  readonly functionTags: Readonly<Record<string, string>>;
  /** How the mapping names the function. */
  readonly qualifiers: readonly ("" | "alias" | "version")[];
}

function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random.integer(0, items.length - 1)] ?? items[0];
}

/** Subjects for as many paths as wanted, each one once. */
export function subjects(random: Random, count: number): string[] {
  const shuffled = random.shuffle(SUBJECTS);
  return Array.from({ length: count }, (_, index) => {
    const subject = shuffled[index % shuffled.length] ?? "work";
    const round = Math.floor(index / shuffled.length);
    return round === 0 ? subject : `${subject}-${round + 1}`;
  });
}

export function namePath(random: Random, subject: string, consumers: number): PathNames {
  const team = pick(random, TEAMS);
  const tags: Record<string, string> = random.chance(0.7) ? { team, env: "prod" } : {};
  const inStack = random.chance(0.5);
  const stack = `${subject}-service`;
  const words = random.shuffle(FUNCTION_WORDS);
  const functions = Array.from(
    { length: consumers },
    (_, index) => `${subject}-${words[index] ?? `f${index}`}`,
  );
  return {
    subject,
    queue: `${subject}-${pick(random, QUEUE_WORDS)}`,
    functions,
    logGroups: functions.map((name) =>
      random.chance(0.25) ? `/services/${team}/${name}` : `/aws/lambda/${name}`,
    ),
    queueTags: inStack
      ? { ...tags, "aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": "WorkQueue" }
      : tags,
    functionTags: inStack ? { ...tags, "aws:cloudformation:stack-name": stack } : tags,
    qualifiers: functions.map(() => (random.chance(0.2) ? "alias" : random.chance(0.1) ? "version" : "")),
  };
}
