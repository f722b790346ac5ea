/** Notices in a store: the list of each evaluation that has any is one value. */
import type { Records } from '../../arlocal/records.js';
import type { Refusal } from '../compute/result.js';
import type { Notices } from '../messenger/notices.js';
import { fromBytes, toBytes } from './entry-forms.js';

export function createDurableNotices(records: Records): Notices {
  const cells = records.cells('notices');
  const keyOf = (process: string, evaluation: number) => `${process}:${evaluation}`;
  const of = (process: string, evaluation: number) => {
    const bytes = cells.get(keyOf(process, evaluation));
    return bytes ? fromBytes<Refusal[]>(bytes) : [];
  };
  const put = (process: string, evaluation: number, refusals: readonly Refusal[]) => {
    const key = keyOf(process, evaluation);
    if (refusals.length > 0) cells.put(key, toBytes(refusals));
    else cells.drop(key);
  };
  return {
    of,
    add: (process, evaluation, refusal) =>
      put(process, evaluation, [...of(process, evaluation), refusal]),
    remove: (process, evaluation, index) =>
      put(
        process,
        evaluation,
        of(process, evaluation).filter((refusal) => refusal.index !== index),
      ),
  };
}
