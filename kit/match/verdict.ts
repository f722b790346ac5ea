/**
 * What a matcher says: whether it holds, and the sentence for when that was not wanted. The same for
 * TypeScript and Lua, so that a test fails in the same words in both.
 */
export interface Verdict {
  readonly pass: boolean;
  /** Why a test fails: because it does not hold, or, if it does, because it was not to. */
  readonly message: () => string;
}
