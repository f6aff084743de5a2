import { randomBytes, randomInt } from "node:crypto";
import type { SecretsPort } from "../core/ports.ts";

const LINK_BYTES = 32;
/** Without 0 and O, 1, I and L, and U, which is read as V: 30 are left. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
const HALF = 4;

/** Links and codes from the system's source of randomness. */
export function createSecrets(): SecretsPort {
  return {
    linkId: () => randomBytes(LINK_BYTES).toString("base64url"),
    code: () => `${characters()}-${characters()}`,
  };
}

/** randomInt has no bias, whatever the size of the alphabet. */
function characters(): string {
  return Array.from({ length: HALF }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
