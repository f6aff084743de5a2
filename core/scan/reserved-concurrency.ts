// What throttled functions may use at once, for the advice on them. Asked of no others: Lambda answers few such questions.
import pMap from "p-map";
import { activeFunctions } from "../detect/consumers.ts";
import type { DeliveryPath } from "../model/delivery-path.ts";
import type { PathMeasurement } from "../model/measurement.ts";
import type { MappingsPort } from "../ports.ts";
import { type Described, describe } from "./described.ts";

const CONCURRENCY = 4;
/** Functions asked about in a batch: the advice on further ones goes without, rather than that Measure ends too late. */
const MOST_ASKED = 20;

type Answer = Described<number | undefined>;

/**
 * The measurements, those of throttled paths with the reserved concurrency of their functions. Where it may not be read
 * the path says so.
 * @param measurements of the paths, in their order.
 */
export async function readReservedConcurrency(
  mappings: Pick<MappingsPort, "reservedConcurrency">,
  paths: readonly DeliveryPath[],
  measurements: readonly PathMeasurement[],
): Promise<PathMeasurement[]> {
  const throttled = measurements.map(({ totals }, index) => {
    const path = paths[index];
    return path === undefined || !totals.throttles ? [] : activeFunctions(path).map(({ arn }) => arn);
  });
  const asked = await pMap(
    [...new Set(throttled.flat())].slice(0, MOST_ASKED),
    async (arn): Promise<[string, Answer]> => [
      arn,
      await describe(arn, () => mappings.reservedConcurrency(arn)),
    ],
    { concurrency: CONCURRENCY },
  );
  const answers = new Map(asked);
  return measurements.map((measurement, index) => withAnswers(measurement, throttled[index] ?? [], answers));
}

function withAnswers(
  measurement: PathMeasurement,
  functionArns: readonly string[],
  answers: ReadonlyMap<string, Answer>,
): PathMeasurement {
  const reserved: Record<string, number> = {};
  const unreadable = [...measurement.unreadable];
  for (const arn of functionArns) {
    const answer = answers.get(arn);
    if (answer === undefined) continue;
    if ("unreadable" in answer) {
      const { resource, reason } = answer.unreadable;
      unreadable.push({ resource, reason: `reserved concurrency: ${reason}` });
    } else if (answer.value !== undefined) reserved[arn] = answer.value;
  }
  return {
    ...measurement,
    unreadable,
    ...(Object.keys(reserved).length === 0 ? {} : { reservedConcurrency: reserved }),
  };
}
