import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { allMatches } from "../../../core/correlate/all-matches.ts";
import { compact } from "../../../core/correlate/compact.ts";

const plain = (matches: Iterable<RegExpExecArray>) =>
  [...matches].map((match) => ({ at: match.index, groups: [...match] }));

describe("allMatches", () => {
  test.each([/a/g, /a*/g, /(a)|(b)/g, /(?=b)/g, /$/g])("%s finds what matchAll finds", (regex) => {
    void fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c", "é") }), (text) => {
        expect(plain(allMatches(text, regex))).toEqual(plain(text.matchAll(regex)));
      }),
    );
  });

  test("remembers nothing of the text before", () => {
    const regex = /b/g;
    regex.lastIndex = 3;
    expect(plain(allMatches("abab", regex))).toEqual([
      { at: 1, groups: ["b"] },
      { at: 3, groups: ["b"] },
    ]);
  });
});

describe("compact", () => {
  test("gives the same text, of any length and script", () => {
    void fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 1200 }), (text) => {
        expect(compact(text)).toBe(text);
      }),
    );
    for (const length of [341, 342, 600, 5000]) expect(compact("é".repeat(length))).toBe("é".repeat(length));
  });
});
