/**
 * Setting the state of a process from outside. NOT IN AO, where only its program can.
 *
 * It is an Eval of its owner, whom the kit impersonates: it stands in the log like any message, so
 * that a replay comes to the same state.
 */

import { printedText } from '../../actors/compute/result.js';
import { type StateKey, writePath } from '../../actors/lua/inspect.js';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import type { Network, Receipt } from '../network-api.js';
import { meantBy } from '../read/near-name.js';
import { parsePath, type StatePath } from '../read/paths.js';
import { reasonOf } from '../render/reason.js';
import { impersonate } from './impersonate.js';
import { luaLiteral, type SettableValue } from './lua-literal.js';
import { currentOwner } from './owner.js';

/** @throws {BAD_PATH, STATE_PATH, BAD_STATE_VALUE, NO_OWNER, STATE_NOT_SET} */
export async function setState(
  network: ActorNetwork,
  send: Network['send'],
  process: string,
  path: StatePath,
  value: SettableValue,
): Promise<Receipt> {
  const keys = parsePath(path);
  const name = writePath(keys);
  const code = assignment(keys, luaLiteral(value, name), `set ${name}`);
  await checkParent(network, process, keys);
  const from = impersonate(network, await currentOwner(network, process));
  const receipt = await send({ from, to: process, action: 'Eval', data: code });
  const { result } = receipt;
  if (!result) return receipt; // on its way
  if (printedText(result)?.endsWith(`set ${name}`) && (await isSet(network, process, keys, value)))
    return receipt;
  const reason = result.error ? reasonOf(result.error) : 'the process did not do what it was sent';
  throw new KitError('STATE_NOT_SET', `${name} was not set: ${reason}`, {
    hint: 'Its program must leave rawset and the Eval of its owner alone, as all kernels of AO do.',
    details: { process, path: name },
  });
}

/**
 * By raw access, so that a metatable of the program has no say. Tables on the way are there, so
 * plain indexing finds them; what was set is looked at, because programs may replace rawset.
 */
function assignment(keys: readonly StateKey[], literal: string, said: string): string {
  const steps = keys.map((key) => `[${luaLiteral(key)}]`);
  const last = luaLiteral(keys.at(-1));
  return [
    `local t, v = _ENV${steps.slice(0, -1).join('')}, ${literal}`,
    `rawset(t, ${last}, v)`,
    `if v ~= nil and v == v and t[${last}] ~= v then error('the program replaced rawset', 0) end`,
    `return ${luaLiteral(said)}`,
  ].join('\n');
}

/** What was deleted is looked for in the memory: a metatable may have a value for it. */
async function isSet(
  network: ActorNetwork,
  process: string,
  keys: readonly StateKey[],
  value: SettableValue,
): Promise<boolean> {
  if (value !== undefined && value !== null) return true;
  const found = await network.units.compute.inspect(process, keys);
  return found.kind !== 'value' || found.value === undefined;
}

async function checkParent(network: ActorNetwork, process: string, keys: readonly StateKey[]) {
  const parent = keys.slice(0, -1);
  if (parent.length === 0) return;
  const found = await network.units.compute.inspect(process, [...parent, '']);
  if (found.kind !== 'blocked') return;
  const missing = keys.slice(0, found.steps);
  const at = writePath(missing);
  const meant =
    found.type === 'nil' ? await meantBy(network.units.compute.inspect, process, missing) : '';
  const what = found.type === 'nil' ? 'nil' : `a ${found.type}`;
  throw new KitError('STATE_PATH', `${writePath(keys)} leads nowhere: ${at} is ${what}`, {
    hint: `${meant}Look for a misspelt name, or set ${at} to a table first.`,
    details: { path: writePath(keys), at },
  });
}
