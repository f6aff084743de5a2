// Who holds a permission, by the template that was deployed.
import * as z from "zod";

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z
        .object({
          Role: z.unknown().optional(),
          Roles: z.array(z.object({ Ref: z.string() })).optional(),
          PolicyDocument: z
            .object({ Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]) })) })
            .optional(),
        })
        .optional(),
    }),
  ),
});

/** @returns the logical ids of functions. */
export function functionsHolding(action: string, template: string): string[] {
  const resources = Object.entries(Template.parse(JSON.parse(template)).Resources);
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
  const roles = ofType("AWS::IAM::Policy").flatMap(([, { Properties }]) => {
    const actions = Properties?.PolicyDocument?.Statement.flatMap(({ Action }) => Action) ?? [];
    return actions.includes(action) ? (Properties?.Roles ?? []).map(({ Ref }) => Ref) : [];
  });
  return ofType("AWS::Lambda::Function").flatMap(([id, { Properties }]) => {
    const role = JSON.stringify(Properties?.Role);
    return roles.some((held) => role.includes(`"${held}"`)) ? [id] : [];
  });
}
