// One resource read, or the reason why it could not be.
import type { Unreadable } from "../model/delivery-path.ts";
import { asUnreadable } from "./unreadable.ts";

export type Described<T> = { readonly value: T } | { readonly unreadable: Unreadable };

/** @throws what is not about one resource. */
export async function describe<T>(resource: string, read: () => Promise<T>): Promise<Described<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { unreadable: asUnreadable(error, resource) };
  }
}

/** All of it, or details of it (tags, event sources) that could not be read. */
export function gapsOf(
  described: Described<{ readonly unreadable?: readonly Unreadable[] | undefined }>,
): readonly Unreadable[] {
  return "unreadable" in described ? [described.unreadable] : (described.value.unreadable ?? []);
}
