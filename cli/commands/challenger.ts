/** `corral challenger`: checks the claims of a running network and denies the false ones. */
import { randomBytes } from 'node:crypto';
import { createChallenger } from '../../index.js';
import type { Command } from '../command.js';
import { BOT_OPTIONS, runBotCommand } from '../dispute/bot-command.js';
import { CliError } from '../errors.js';
import { parseAmount } from '../format.js';

export const challenger: Command = {
  name: 'challenger',
  summary: 'check the answers of a running network, deny false ones',
  details: [
    'Computes every answer again that a worker claims, and challenges a claim that comes out ' +
      'otherwise. It then plays the dispute to its end, with wAR of its wallet as the bond.',
    "The claims of the network's own herder are checked before others. Where many games are open " +
      'about a claim, a challenge costs more; beyond --max-bond it waits until it costs less.',
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
    {
      name: 'max-bond',
      value: 'WAR',
      summary: 'most wAR to put at stake in one challenge, default 100',
    },
  ],
  run: (args, context) => {
    const wallet = args.texts.get('wallet') ?? 'carol';
    const share = (args.integers.get('share') ?? 100) / 100;
    const secret = randomBytes(16).toString('hex');
    const maxBond = readBond(args.texts.get('max-bond'));
    return runBotCommand(
      args,
      wallet,
      (options, { processes: { war, herder } }) =>
        createChallenger({ ...options, war, herder, share, secret, maxBond }),
      context,
    );
  },
};

/** @returns winston */
function readBond(text: string | undefined): bigint | undefined {
  const winston = text === undefined ? undefined : parseAmount(text);
  if (text === undefined || winston !== undefined) return winston;
  const hint = 'Give wAR with at most 12 decimals, such as 0.5.';
  throw new CliError('USAGE', `--max-bond cannot be "${text}"`, hint, { text });
}
