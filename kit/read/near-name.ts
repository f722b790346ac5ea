/** What was meant by a name that is not there: the nearest of those that stand beside its place. */
import { type Inspection, type StateKey, writePath } from '../../actors/lua/inspect.js';
import { nearestWord } from '../suggest.js';

export type Inspect = (process: string, path: readonly StateKey[]) => Promise<Inspection>;

/**
 * @param path to where nothing is
 * @returns `Did you mean Balances.alice? ` to begin a hint with; nothing if no name is near
 */
export async function meantBy(
  inspect: Inspect,
  process: string,
  path: readonly StateKey[],
): Promise<string> {
  const around = path.slice(0, -1);
  const name = path.at(-1);
  if (typeof name !== 'string') return '';
  const found = await inspect(process, around.length === 0 ? ['_G'] : around);
  if (found.kind !== 'value' || found.type !== 'table') return '';
  const near = nearestWord(name, Object.keys(found.value as object));
  return near === undefined ? '' : `Did you mean ${writePath([...around, near])}? `;
}
