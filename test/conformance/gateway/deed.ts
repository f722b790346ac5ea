/**
 * One thing that a user of a gateway does, and what came of it as plain data: nothing in it depends on
 * the gateway's ids or on time, so that two gateways can be compared.
 */
import type { Answer, World } from './world.js';

export interface Deed {
  readonly name: string;
  readonly run: (world: World) => Promise<unknown>;
  /** What Corral answers. */
  readonly answers: unknown;
}

/** An answer of which only the kind matters: of Corral's errors the code. */
export function brief({ status, type, text }: Answer) {
  if (type !== 'application/json') return { status, type, says: text.slice(0, 40) };
  const json = JSON.parse(text);
  return { status, type, says: json?.code ?? json?.error ?? text.slice(0, 40) };
}

/** How a call of the client fails. */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'does not fail';
  } catch (error) {
    const { type, message } = error as Error & { type?: string };
    return type ?? message;
  }
}

/** Names of the world's transactions and items, instead of their ids. */
export function nameOf({ transactions, items }: World, id: string): string {
  const named = [
    ...Object.entries(transactions).map(([name, transaction]) => [name, transaction.id] as const),
    ...Object.entries(items).map(([name, { item }]) => [name, item.id] as const),
  ];
  return named.find(([, known]) => known === id)?.[0] ?? 'another';
}
