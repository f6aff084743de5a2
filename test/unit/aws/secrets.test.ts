import { describe, expect, test } from "@jest/globals";
import { createSecrets } from "../../../aws/secrets.ts";

const secrets = createSecrets();
const CODE = /^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/;

describe("linkId", () => {
  test("is 256 bits that fit into a URL, another one each time", () => {
    const ids = Array.from({ length: 100 }, () => secrets.linkId());
    for (const id of ids) {
      expect(id).toMatch(/^[\w-]{43}$/);
      expect(Buffer.from(id, "base64url")).toHaveLength(32);
    }
    expect(new Set(ids).size).toBe(100);
  });
});

describe("code", () => {
  const codes = Array.from({ length: 6_000 }, () => secrets.code());

  test("is two groups of four characters, none of which is mistaken for another", () => {
    for (const code of codes) expect(code).toMatch(CODE);
    expect(codes.join("")).not.toMatch(/[01OILU]/);
  });

  test("has no bias: every character comes about as often as every other, in every place", () => {
    for (const place of [0, 1, 2, 3, 5, 6, 7, 8]) {
      const counts = new Map<string, number>();
      for (const code of codes) {
        const character = code.charAt(place);
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
      expect(counts.size).toBe(30);
      // 200 expected, with a standard deviation of 14: seven of them away is no chance.
      for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(100);
    }
  });

  test("is another one each time", () => {
    expect(new Set(codes).size).toBeGreaterThan(codes.length - 3);
  });
});
