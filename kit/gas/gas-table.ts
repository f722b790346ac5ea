/**
 * The gas report as a table for the terminal.
 *
 * @example
 * Process   Handler        Calls       Min    Median       Max   Memory   Sent
 * shop      buy               12    21,930    22,104    40,117  2.9 MiB    2.0
 *           refund  1 ✗        3    18,004    18,020    18,911  2.9 MiB    0.7
 */
import type { GasReport, GasRow } from './gas-report.js';

export interface GasTableOptions {
  /** Width. @default 100 */
  readonly columns?: number;
}

const NAME_WIDTH_MAX = 16;
const MIB = 1024 * 1024;
/** Calls to Sent, with what parts them. */
const NUMBERS_WIDTH = 55;

export function renderGas(report: GasReport, { columns = 100 }: GasTableOptions = {}): string {
  const names = widthOf(['Process', ...report.map(({ process }) => process)], NAME_WIDTH_MAX);
  const room = Math.max(columns - NUMBERS_WIDTH - names - 2, 12);
  const handlers = widthOf(['Handler', ...report.map(labelOf)], room);
  const row = (name: string, label: string, numbers: readonly string[]) => {
    const [calls = '', min = '', median = '', max = '', memory = '', sent = ''] = numbers;
    const cost = `${min.padStart(11)}${median.padStart(11)}${max.padStart(11)}`;
    const rest = `${memory.padStart(10)}${sent.padStart(6)}`;
    return `${cut(name, names)}  ${cut(label, handlers)}${calls.padStart(6)}${cost}${rest}`;
  };
  const head = row('Process', 'Handler', ['Calls', 'Min', 'Median', 'Max', 'Memory', 'Sent']);
  const rows = report.map((entry, index) => {
    const isFirst = report[index - 1]?.process !== entry.process;
    return row(isFirst ? entry.process : '', labelOf(entry), numbersOf(entry));
  });
  return `${[head, ...rows].map((line) => line.trimEnd()).join('\n')}\n`;
}

function labelOf({ handler, failed }: GasRow): string {
  return failed === 0 ? handler : `${handler}  ${failed} failed`;
}

function numbersOf({ calls, gas, memory, sent }: GasRow): string[] {
  return [
    group(calls),
    group(gas.min),
    group(gas.median),
    group(gas.max),
    memory ? `${(memory.max / MIB).toFixed(1)} MiB` : '',
    sent.toFixed(1),
  ];
}

/** 1234567 as 1,234,567, whatever the machine's language. */
function group(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function widthOf(texts: readonly string[], most: number): number {
  return Math.min(most, Math.max(...texts.map(({ length }) => length)));
}

function cut(text: string, width: number): string {
  return (text.length <= width ? text : `${text.slice(0, width - 1)}…`).padEnd(width);
}
