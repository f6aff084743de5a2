import { describe, expect, test } from "@jest/globals";
import { findChange } from "../../../cli/approvals-find.ts";
import { change } from "../../support/changes.ts";

const HASH = "abcdef0123";
const first = change({ id: `${HASH}-1`, status: "closed", outcome: "expired" });
const second = change({ id: `${HASH}-2`, status: "closed", outcome: "rejected" });
const open = change({ id: `${HASH}-3`, status: "waiting" });
const other = change({ id: "abcdff0123-1", status: "waiting" });

describe("findChange", () => {
  test.each([
    { name: "a whole id", typed: `${HASH}-1`, among: [first, second, open], found: first },
    { name: "a beginning that one has", typed: "abcdff", among: [first, other], found: other },
    { name: "a closed one", typed: "abcdef", among: [first, other], found: first },
    {
      name: "the open one of a plan that came again",
      typed: "abcdef",
      among: [first, second, open],
      found: open,
    },
    {
      name: "a whole id that others begin with",
      typed: "abcdef",
      among: [change({ id: "abcdef" }), open],
      found: change({ id: "abcdef" }),
    },
  ])("$name", ({ typed, among, found }) => {
    expect(findChange(among, typed).id).toBe(found.id);
  });

  test.each([
    {
      name: "several open ones",
      typed: "abcd",
      among: [open, other],
      words: /"abcd" begins 2 changes.*-3.*-1$/,
    },
    { name: "several closed ones", typed: "abcdef", among: [first, second], words: /begins 2 changes/ },
    { name: "none", typed: "ffffff", among: [first], words: /there is no change "ffffff".*list --all/ },
    {
      name: "more than a sentence holds",
      typed: "abcdef",
      among: Array.from({ length: 9 }, (_, index) => change({ id: `${HASH}-${index}` })),
      words: /begins 9 changes.* and 4 more$/,
    },
  ])("$name → one sentence", ({ typed, among, words }) => {
    expect(() => findChange(among, typed)).toThrow(
      expect.objectContaining({ name: "ConfigError", message: expect.stringMatching(words) }),
    );
  });
});
