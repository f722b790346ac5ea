/**
 * What a benchmark yields: one measured figure, beside a peer's figure from the same run where one
 * exists, and the bar it is held against. A bench is an async generator of rows, so that a long one
 * shows its figures as they come.
 */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly peerValue?: number;
  /** value / peerValue, or peerValue / value where less is better: above 1, Corral leads. */
  readonly ratio?: number;
  /** The bar in words, as the README states it. */
  readonly bar?: string;
}

export interface BenchContext {
  /** True with --peers: measure the peers too, in this run. */
  readonly peers: boolean;
  /** Progress for the person who waits; goes to stderr. */
  readonly note: (text: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** True for what takes too long to be part of every run. */
  readonly onlyByName?: boolean;
  readonly run: (context: BenchContext) => AsyncIterable<Row>;
}

/** A row with its peer; `better` says which direction wins. */
export function compare(
  row: Omit<Row, 'peer' | 'peerValue' | 'ratio'>,
  peer: string,
  peerValue: number | undefined,
  better: 'more' | 'less',
): Row {
  if (peerValue === undefined) return row;
  const ratio = better === 'more' ? row.value / peerValue : peerValue / row.value;
  return { ...row, peer, peerValue, ratio };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
