// An approver's link: 256 random bits in the mail, their hash in the ledger, and a code that only the mail's text has.
import { createHash } from "node:crypto";

/** Codes that may be tried with one link. */
export const MOST_TRIES = 5;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What the ledger knows a link by. */
export const hashOfLinkId = (linkId: string): string => sha256(linkId);

/** Over the id too, which the ledger does not have: its readers cannot try codes. */
export const hashOfCode = (linkId: string, code: string): string =>
  sha256(`${linkId}:${normaliseCode(code)}`);

/** As somebody may type it: small letters, spaces, no hyphen. Empty when nothing is left. */
export const normaliseCode = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, "");
