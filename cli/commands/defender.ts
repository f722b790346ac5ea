/** `corral defender`: stands up for the claims of workers on a running network. */
import { createDefender } from '../../index.js';
import type { Command } from '../command.js';
import { BOT_OPTIONS, runBotCommand } from '../dispute/bot-command.js';

export const defender: Command = {
  name: 'defender',
  summary: 'defend the answers of workers on a running network',
  details: [
    'Plays the games about claims of those workers that made its wallet their delegate. `corral up` ' +
      'has such a defender built in, for the workers of its own herd; --no-defender leaves it out.',
    'It keeps nothing: stopped and started again, it goes on with the games that it is in. A claim ' +
      'that it finds false itself it does not defend.',
  ],
  positionals: [],
  options: [
    ...BOT_OPTIONS,
    {
      name: 'wallet',
      value: 'NAME|FILE',
      summary: "dev wallet or key file, default: the herd's operator",
    },
  ],
  run: (args, context) =>
    runBotCommand(args, args.texts.get('wallet') ?? 'operator', createDefender, context),
};
