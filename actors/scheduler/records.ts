/** The processes of a network by their ids: what never changes of each, and which began elsewhere. */
import type { Gateway } from '../../arlocal/gateway.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { storedItem } from '../items/stored-item.js';
import type { Log, LogEntry, Table } from '../ports.js';
import { createRecent } from '../recent.js';
import { type AdoptedPart, appendAdopted, readAdoptions } from './adoption.js';
import { type ProcessRecord, readProcess } from './process-record.js';

export interface RecordsOptions {
  readonly gateway: Gateway;
  readonly wallet: Wallet;
  readonly log: Log<LogEntry>;
  /** Is told of the processes with crons that time makes due. */
  readonly timed?: Table<true>;
}

export interface ProcessRecords {
  has(id: string): boolean;
  find(id: string): ProcessRecord | undefined;
  add(record: ProcessRecord): void;
  /** @throws {LOG_CONFLICT} */
  adopt(part: AdoptedPart): void;
  adoptedUntil(id: string): number;
  ids(): Iterable<string>;
}

/** Process items kept in memory: those of processes in use. */
const RECENT = { entries: 512, bytes: 16 * 1024 * 1024 };

export function createRecords(options: RecordsOptions): ProcessRecords {
  const { gateway, wallet, log, timed } = options;
  const ids = new Set(log.processes());
  const recent = createRecent<ProcessRecord>(RECENT);
  const adoptions = readAdoptions(gateway, wallet.address);
  const find = (id: string): ProcessRecord | undefined => {
    const known = recent.get(id);
    if (known || !ids.has(id)) return known;
    const item = storedItem(gateway, id);
    if (!item) return undefined;
    const adopted = adoptions.get(id);
    const record = { ...readProcess(item, id), ...(adopted && { adopted }) };
    recent.set(id, record, item.data.length);
    return record;
  };
  const note = ({ id, crons }: ProcessRecord) => {
    ids.add(id);
    if (crons.some(({ kind }) => kind === 'time')) timed?.set(id, true);
  };
  return {
    has: (id) => ids.has(id),
    find,
    add(record) {
      recent.set(record.id, record, record.item.data.length);
      note(record);
    },
    adopt(part) {
      const known = adoptions.get(part.process);
      const adoption = appendAdopted(gateway, wallet, log, part, known);
      adoptions.set(part.process, Object.assign(known ?? {}, adoption)); // records refer to it
      ids.add(part.process);
      const record = find(part.process);
      if (record) note(record);
    },
    adoptedUntil: (id) => adoptions.get(id)?.until ?? 0,
    ids: () => ids.values(),
  };
}
