/**
 * `corral export FILE --db DIR`: a whole network as one file of standard ANS-104 items.
 */
import { exportNetwork } from '../../index.js';
import type { Command } from '../command.js';
import { EXIT } from '../errors.js';
import { formatCount } from '../format.js';
import { createSteps } from '../steps.js';
import { requireFolder } from './verify.js';

export const exportCommand: Command = {
  name: 'export',
  summary: 'write the network of a --db folder to one file',
  details: [
    'The file is one ANS-104 bundle: every data item as it was signed, and items signed by the node ' +
      'for all the rest (transactions, blocks, balances, results, checkpoints, what is still to be ' +
      'sent). `corral import` makes a folder of it again. No network may run on the folder meanwhile.',
  ],
  positionals: [{ name: 'FILE', required: true }],
  options: [
    { name: 'db', value: 'DIR', summary: 'folder to export' },
    { name: 'json', summary: 'one line of JSON on stdout' },
  ],
  run: async (args, { terminal }) => {
    const [file = ''] = args.positionals;
    const db = requireFolder('export', args);
    const report = exportNetwork({ db, file, onProgress: createSteps(terminal) });
    const { entries, items } = report;
    if (args.flags.has('json')) terminal.print(JSON.stringify(report));
    else terminal.print(`${file}: ${formatCount(entries)} entries in ${formatCount(items)} items`);
    return EXIT.ok;
  },
};
