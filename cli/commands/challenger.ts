/** `corral challenger`: checks the claims of a running network and denies the false ones. */
import { randomBytes } from 'node:crypto';
import { createChallenger } from '../../index.js';
import type { Command } from '../command.js';
import { BOT_OPTIONS, runBotCommand } from '../dispute/bot-command.js';

export const challenger: Command = {
  name: 'challenger',
  summary: 'check the answers of a running network, deny false ones',
  details: [
    'Computes every answer again that a worker claims, and challenges a claim that comes out ' +
      'otherwise. It then plays the dispute to its end, with wAR of its wallet as the bond.',
    'With --share it checks some claims only; which ones, nobody can tell beforehand.',
    'It keeps nothing: stopped and started again, it goes on with the games that it is in.',
  ],
  positionals: [],
  options: [
    ...BOT_OPTIONS,
    { name: 'wallet', value: 'NAME|FILE', summary: 'dev wallet or key file, default: carol' },
    {
      name: 'share',
      value: 'N',
      integer: { min: 0, max: 100 },
      summary: 'per cent of the claims to check, default 100',
    },
  ],
  run: (args, context) => {
    const wallet = args.texts.get('wallet') ?? 'carol';
    const share = (args.integers.get('share') ?? 100) / 100;
    const secret = randomBytes(16).toString('hex');
    return runBotCommand(
      args,
      wallet,
      (options, info) => createChallenger({ ...options, war: info.processes.war, share, secret }),
      context,
    );
  },
};
