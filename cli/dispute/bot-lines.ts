/** What a bot does, in one line for people. */
import type { BotEvent } from '../../index.js';
import { formatAmount, formatBytes, shortId } from '../format.js';
import type { Colors } from '../terminal.js';

export function describeBotEvent(event: BotEvent, colors: Colors): string {
  const { green, red, yellow, dim } = colors;
  switch (event.type) {
    case 'checked':
      return `${event.denied ? red('false') : green('right')}  claim ${claimName(event.claim)}: ${event.reason}`;
    case 'deposited':
      return `paid   ${formatAmount(event.winston, 'wAR')} to the arbiter, for bonds`;
    case 'sent':
      return `sent   ${placeOf(event)}: ${event.kind}, ${event.reason} ${dim(`(${formatBytes(event.bytes)})`)}`;
    case 'waits':
      return `${yellow('waits')}  game ${event.game}: ${event.reason}`;
    case 'over':
      return `${event.won ? green('won') : red('lost')}    game ${event.game}: ${event.reason}`;
    case 'failed':
      return `${red('failed')} ${event.about}: ${event.error.message}`;
  }
}

function placeOf({ game, claim }: Extract<BotEvent, { type: 'sent' }>): string {
  return game === undefined ? `claim ${claimName(claim)}` : `game ${game}`;
}

/** `<herder>:<job>` with the herder's id shortened. */
function claimName(claim: string): string {
  const [herder = '', job = ''] = claim.split(':');
  return `${shortId(herder)}:${job}`;
}
