// What is said where a form was sent and nothing was decided, and which field has to be looked at again.
import type { Refused } from "./request-page.ts";

type Refusal =
  | "bad-request"
  | "code-missing"
  | "reason-missing"
  | "wrong-code"
  | "another-plan"
  | "changed"
  | "unreadable"
  | "paused";

const REFUSALS: Readonly<Record<Refusal, Omit<Refused, "reason">>> = {
  "bad-request": {
    heading: "Approve or reject?",
    text: "Nothing was decided: press one of the two buttons.",
  },
  "code-missing": {
    heading: "The code is missing",
    text: "Nothing was decided: type the code from the mail.",
    field: "code",
  },
  "reason-missing": {
    heading: "A no needs a reason",
    text: "Nothing was decided: say in a few words why not.",
    field: "reason",
  },
  "wrong-code": {
    heading: "That is not the code",
    text: "This was not the code in the mail, and nothing was decided.",
    field: "code",
  },
  "another-plan": {
    heading: "Not approved: this is another plan",
    text: "What the form was sent for is not what is proposed here. Read the plan before you decide.",
  },
  changed: { heading: "Not approved: things have changed", text: "" },
  unreadable: { heading: "Not approved: the queue cannot be read", text: "" },
  paused: { heading: "Not approved: Doubletake is paused", text: "" },
};

/** @param reason as typed; @param more follows the text. */
export function refusedAs(refusal: Refusal, { reason }: { readonly reason: string }, more = ""): Refused {
  const { text, ...rest } = REFUSALS[refusal];
  return { ...rest, text: `${text}${more}`, reason };
}

export const triesWords = (left: number): string => ` ${left === 1 ? "1 try is" : `${left} tries are`} left.`;
