/**
 * Shrinking: the shortest part of a list that still fails, found by leaving pieces out, large ones
 * first. What is left is minimal: without any one of its items it does not fail any more (unless the
 * tries ran out).
 *
 * @source Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input" (ddmin)
 */

export interface Shrunk<Item> {
  readonly items: readonly Item[];
  readonly tries: number;
  /** False if the tries ran out before everything was tried. */
  readonly minimal: boolean;
}

/**
 * @param items a list that fails
 * @param fails tells whether a part of the list, in the same order, fails in the same way
 * @param triesMax most calls of `fails`
 */
export async function shrink<Item>(
  items: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
  triesMax: number,
): Promise<Shrunk<Item>> {
  let kept = items;
  let tries = 0;
  let size = Math.ceil(kept.length / 2);
  while (kept.length > 0) {
    let isShorter = false;
    for (let start = 0; start < kept.length; ) {
      if (tries === triesMax) return { items: kept, tries, minimal: false };
      const part = [...kept.slice(0, start), ...kept.slice(start + size)];
      tries++;
      if (await fails(part)) {
        kept = part;
        isShorter = true;
      } else {
        start += size;
      }
    }
    if (size === 1 && !isShorter) break;
    if (size > 1) size = Math.ceil(size / 2);
  }
  return { items: kept, tries, minimal: true };
}
