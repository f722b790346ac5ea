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
        return note(`         ${adviceOn(event.error)}`);
      case 'lost':
        note(`gateway  ${yellow('lost')}    ${event.error.message}`);
        return note('         Everything is posted to it anew.');
      case 'left':
        note(
          `gateway  ${yellow('left')}    ${formatCount(event.waiting)} not posted to ${event.url}`,
        );
        return note(`         ${adviceOnRest(event.kept)}`);
      case 'refused':
        return note(`gateway  ${red('refused')} ${event.error.message}`);
      case 'going':
        return note(`gateway  ${green('goes on')} it takes what waited`);
      case 'posted':
        if (all) note(`gateway  posted  ${whatOf(event)}`);
    }
  };
}

function adviceOn({ code, hint }: Extract<GatewayEvent, { kind: 'stuck' }>['error']): string {
  return code === 'UPSTREAM_AWAY' ? `${hint} What waits is posted then.` : hint;
}

function adviceOnRest(kept: boolean): string {
  if (!kept) return 'They are gone with this network: without --db nothing is kept.';
  return 'They are kept, and posted when this folder is started with that gateway again.';
}

function whatOf({ transaction, items }: Extract<GatewayEvent, { kind: 'posted' }>): string {
  const what = items === 0 ? 'a transaction' : `a bundle of ${formatCount(items)}`;
  return `${what}, ${shortId(transaction)}`;
}
