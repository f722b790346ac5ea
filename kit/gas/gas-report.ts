/** The report of what messages cost: how many, and the least, the middle and the most of each. */
import type { GasRecord } from './gas-recorder.js';

export interface Spread {
  readonly min: number;
  /** The middle one; of an even number the lower of the two. */
  readonly median: number;
  readonly max: number;
}

export interface GasRow {
  readonly process: string;
  readonly handler: string;
  readonly calls: number;
  readonly failed: number;
  /** Instructions a message. */
  readonly gas: Spread;
  /** Bytes of memory of the process after a message; absent where its machine does not tell. */
  readonly memory?: Spread;
  /** Messages and spawns sent, a message, on average. */
  readonly sent: number;
}

/** By process, the dearest handler first. */
export type GasReport = readonly GasRow[];

export function reportGas(records: readonly GasRecord[]): GasReport {
  const rows = records.map(({ process, handler, gas, memory, sent, failed }): GasRow => {
    const calls = gas.length;
    return {
      process,
      handler,
      calls,
      failed,
      gas: spreadOf(gas),
      ...(memory.length > 0 && { memory: spreadOf(memory) }),
      sent: sent / calls,
    };
  });
  return rows.sort(
    (a, b) =>
      compare(a.process, b.process) || b.gas.max - a.gas.max || compare(a.handler, b.handler),
  );
}

/** By code units, so that it is the same everywhere. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (index: number) => sorted[index] ?? 0;
  return { min: at(0), median: at((sorted.length - 1) >> 1), max: at(sorted.length - 1) };
}
