// The consumer under test: logs the event as many do, then works for longer than its queue's visibility timeout.
import { setTimeout } from "node:timers/promises";

export const handler = async (event) => {
  console.log(JSON.stringify(event));
  await setTimeout(5_000);
};
