/**
 * The pace of a network: work of many evaluations gives the thread to others for a breath now and
 * then. Work is counted in gas and not in time, so the same work pauses at the same places.
 */

export interface Pace {
  /** Counts the gas of an evaluation. */
  spend(gas: number): void;
  /** True once the work since the last breath is enough for one. */
  readonly isDue: boolean;
  /** Resolves when the others had the thread; all who ask meanwhile share one breath. */
  breathe(): Promise<void>;
}

/** About ten milliseconds of Lua. */
export const BREATH_GAS = 2_000_000;

/** @param breathe gives the thread to others, e.g. by `setImmediate` */
export function createPace(breathe: () => Promise<void>): Pace {
  let spent = 0;
  let breath: Promise<void> | undefined;
  return {
    spend(gas) {
      spent += gas;
    },
    get isDue() {
      return spent >= BREATH_GAS;
    },
    breathe() {
      breath ??= breathe().finally(() => {
        spent = 0;
        breath = undefined;
      });
      return breath;
    },
  };
}
