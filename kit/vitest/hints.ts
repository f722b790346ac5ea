/**
 * Corral's errors say what to do about them in a field of their own, which vitest does not print: the
 * hint is put below the message, where whoever reads the failure finds it.
 */
import type { TestContext } from 'vitest';

export function showHints({ task }: Pick<TestContext, 'task'>): void {
  for (const error of task.result?.errors ?? []) {
    const { hint } = error as { hint?: unknown };
    if (typeof hint !== 'string' || hint === '' || error.message.includes(hint)) continue;
    error.message = `${error.message}\n  ${hint}`;
  }
}
