// What other people's CDK apps may use: `import { Doubletake } from "doubletake/cdk"`.
export { Doubletake, type DoubletakeProps } from "./doubletake.ts";
