/**
 * Work in steps, some of which answer at once and some later, as their host does: a generator yields
 * what a step answers and gets the value back. A promise for every step would cost more than the steps.
 */

type Steps = Generator<unknown, void, unknown>;

/** Runs all steps: at once as far as they answer at once, and the rest later. */
export function runSteps(steps: Steps): Promise<void> | undefined {
  for (let step = steps.next(); !step.done; step = steps.next(step.value)) {
    if (step.value instanceof Promise) return finish(steps, step.value);
  }
  return undefined;
}

async function finish(steps: Steps, first: Promise<unknown>): Promise<void> {
  for (let pending: unknown = first; ; ) {
    const resume = await Promise.resolve(pending).then(
      (value) => () => steps.next(value),
      (error) => () => steps.throw(error),
    );
    const step = resume();
    if (step.done) return;
    pending = step.value;
  }
}
