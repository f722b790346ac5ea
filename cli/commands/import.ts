/**
 * `corral import FILE --db DIR`: a folder from a file that `corral export` wrote.
 */
import { importNetwork } from '../../index.js';
import type { Command } from '../command.js';
import { EXIT } from '../errors.js';
import { formatCount } from '../format.js';
import { createSteps } from '../steps.js';
import { requireFolder } from './verify.js';

export const importCommand: Command = {
  name: 'import',
  summary: 'make a --db folder from a file of corral export',
  details: [
    'Verifies every signature, id and block in the file before there is anything in the folder, which ' +
      'must be new or empty. The network goes on where it was exported: `corral up --db DIR`, with ' +
      'the seed that it had.',
  ],
  positionals: [{ name: 'FILE', required: true }],
  options: [
    { name: 'db', value: 'DIR', summary: 'new or empty folder' },
    { name: 'json', summary: 'one line of JSON on stdout' },
  ],
  run: async (args, { terminal }) => {
    const [file = ''] = args.positionals;
    const db = requireFolder('import', args);
    const report = importNetwork({ db, file, onProgress: createSteps(terminal) });
    const { entries, seed } = report;
    if (args.flags.has('json')) terminal.print(JSON.stringify(report));
    else terminal.print(`${db}: ${formatCount(entries)} entries, seed ${seed}`);
    return EXIT.ok;
  },
};
