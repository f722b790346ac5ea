/**
 * Actions: what happens to a network from outside in a simulation, as plain values, so that a run can
 * be written to a file, cut down and repeated. Each keeps the number it was made with: its anchor
 * follows from that, and so its message keeps its id when others are left out.
 */
import { createRandom } from '../../actors/random.js';
import type { Network } from '../network.js';
import { type FaultAction, performFault } from './fault-action.js';

export type Deed =
  | {
      readonly kind: 'send';
      /** Name of a wallet. */
      readonly from: string;
      /** Id of a process, or its name, or that of a wallet. */
      readonly to: string;
      readonly action?: string;
      readonly tags?: Readonly<Record<string, string>>;
      readonly data?: string;
    }
  | { readonly kind: 'eval'; readonly process: string; readonly code: string }
  /** Time passes, in milliseconds. */
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'mine'; readonly blocks: number }
  /** With a manual crank: so many deliveries, or as many as there are. */
  | { readonly kind: 'steps'; readonly count: number }
  | FaultAction;

/** A deed, who did it and when. */
export type Action = Deed & {
  readonly actor: string;
  /** Number in the run in which it was first done, from 0. */
  readonly number: number;
};

type Names = ReadonlyMap<string, string>;

/** Does it, and resolves when nothing moves by itself any more. */
export async function perform(network: Network, seed: number, action: Action): Promise<void> {
  switch (action.kind) {
    case 'send': {
      const { from, to, tags, data } = action;
      await network.send({
        from,
        to,
        anchor: anchorOf(seed, action.number),
        ...(action.action !== undefined && { action: action.action }),
        ...(tags && { tags }),
        ...(data !== undefined && { data }),
      });
      return;
    }
    case 'eval': {
      const from = network.ownerOf(action.process);
      const anchor = anchorOf(seed, action.number);
      await network.send({ from, to: action.process, action: 'Eval', data: action.code, anchor });
      return;
    }
    case 'advance':
      await network.clock.advance(action.ms);
      return;
    case 'mine':
      await network.mine(action.blocks);
      return;
    case 'steps':
      for (let left = action.count; left > 0 && (await network.step()); left--);
      return;
    default:
      await performFault(network, action);
  }
}

/** 32 characters: as long as an anchor may be. */
function anchorOf(seed: number, number: number): string {
  const bytes = createRandom(seed).bytes(`simulation-anchor:${number}`);
  return Buffer.from(bytes).toString('base64url').slice(0, 32);
}

/** One line, as a person reads it: ids by their names. */
export function describeAction(action: Action, names: Names = new Map()): string {
  const { actor, number, kind, ...rest } = action;
  const done =
    action.kind === 'send' ? describeSend(action, names) : `${kind} ${describeFields(rest, names)}`;
  const by = action.kind === 'send' && action.from === actor ? '' : `${actor}: `;
  return `${String(number).padStart(4)} ${by}${done}`;
}

function describeSend(
  { from, to, action, tags, data }: Extract<Deed, { kind: 'send' }>,
  names: Names,
): string {
  const fields = describeFields({ ...tags, ...(data !== undefined && { data }) }, names);
  return `${from} -> ${names.get(to) ?? to}  ${[action ?? '(no action)', fields].join(' ').trim()}`;
}

function describeFields(fields: Readonly<Record<string, unknown>>, names: Names): string {
  const shown = (value: unknown) =>
    typeof value === 'object' ? JSON.stringify(value) : (names.get(String(value)) ?? value);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(' ');
}
