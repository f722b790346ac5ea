/** What goes to the gateway behind a network, in one line for people, and what does not. */
import type { GatewayEvent } from '../index.js';
import { formatCount, shortId } from './format.js';
import type { Terminal } from './terminal.js';

/** @param all false to tell only of what goes wrong */
export function tellOfGateway(
  { note, colors: { green, red, yellow } }: Terminal,
  all: boolean,
): (event: GatewayEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'stuck':
        note(`gateway  ${yellow('waits')}   ${event.error.message}`);
        return note(`         ${event.error.hint}`);
      case 'refused':
        return note(`gateway  ${red('refused')} ${event.error.message}`);
      case 'going':
        return note(`gateway  ${green('goes on')} it takes what waited`);
      case 'posted':
        if (all) note(`gateway  posted  ${whatOf(event)}`);
    }
  };
}

function whatOf({ transaction, items }: Extract<GatewayEvent, { kind: 'posted' }>): string {
  const what = items === 0 ? 'a transaction' : `a bundle of ${formatCount(items)}`;
  return `${what}, ${shortId(transaction)}`;
}
