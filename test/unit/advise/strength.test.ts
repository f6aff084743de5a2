import { expect, test } from "@jest/globals";
import { byStrength } from "../../../core/advise/strength.ts";
import { finding } from "../../support/findings.ts";

const counts = (messages: number | null) => ({ messages, deliveries: null, duplicateSharePercent: null });

test("severity decides, then evidence, then messages, then the name", () => {
  const inOrder = [
    finding("severe", { severity: "critical", evidence: "measured", counts: counts(null) }),
    finding("many", { counts: counts(9) }),
    finding("a-few", { counts: counts(2) }),
    finding("b-few", { counts: counts(2) }),
    finding("uncounted", { counts: counts(null) }),
    finding("measured", { evidence: "measured", counts: counts(99) }),
    finding("slight", { severity: "low", counts: counts(99) }),
  ];
  expect(inOrder.toReversed().toSorted(byStrength)).toEqual(inOrder);
});
