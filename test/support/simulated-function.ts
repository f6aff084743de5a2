import type { SimulatedFunction } from "../../simulator/account.ts";

/** An ordinary function of the simulated account, in account 123456789012 and us-east-1. */
export const simulatedFunction = (
  name: string,
  over: Partial<SimulatedFunction> = {},
): SimulatedFunction => ({
  name,
  arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
  runtime: "nodejs24.x",
  timeoutSeconds: 30,
  memoryMb: 128,
  logGroup: `/aws/lambda/${name}`,
  logFormat: "Text",
  tags: {},
  aliases: {},
  versions: [],
  ...over,
});
