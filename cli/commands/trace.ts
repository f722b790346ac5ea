/**
 * `corral trace ID`: what a message set off in a running network, as a tree: who sent what to whom,
 * what was printed, what went wrong and where, and what changed.
 */
import { fetchInfo } from '../client.js';
import type { Command } from '../command.js';
import { EXIT } from '../errors.js';
import { DEFAULT_PORT_BASE, PORT_BASE_OPTION } from '../network.js';
import { drawTrace, fetchTrace, namesOf } from '../trace-client.js';

export const trace: Command = {
  name: 'trace',
  summary: 'show all that a message set off',
  details: [
    'Shows the message ID of a running network and what it caused, as a tree: times, tags, gas, ' +
      "prints with their lines, errors with Lua's stack and the source lines of your files.",
    'ID may be the id of a message or of a spawned process, as much of its beginning as no other ' +
      'has, or both its ends as they are shown: mgd...H08. One that begins with -- goes behind a --. ' +
      'With --state it also tells what each message changed in the state of its process.',
    'A network remembers the last 20,000 messages since it was started.',
  ],
  positionals: [{ name: 'ID', required: true, isId: true }],
  options: [
    { name: 'state', summary: 'tell what each message changed' },
    { name: 'json', summary: 'one JSON document on stdout' },
    PORT_BASE_OPTION,
  ],
  run: async ({ positionals, flags, integers }, { terminal }) => {
    const portBase = integers.get('port-base') ?? DEFAULT_PORT_BASE;
    const info = await fetchInfo(fetch, `http://127.0.0.1:${portBase}`);
    const question = { id: positionals[0] ?? '', state: flags.has('state') };
    const document = await fetchTrace(fetch, info.urls.gateway, question);
    if (flags.has('json')) terminal.print(JSON.stringify(document));
    else terminal.print(drawTrace(document, namesOf(document, { info }), terminal));
    return EXIT.ok;
  },
};
