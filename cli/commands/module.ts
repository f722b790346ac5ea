/**
 * `corral module add FILE.wasm`: brings a module of the user's to a running network.
 */
import { moduleTags, signDataItem } from '../../index.js';
import { fetchInfo } from '../client.js';
import type { Command } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import { readBytes } from '../files.js';
import { DEFAULT_PORT_BASE, PORT_BASE_OPTION } from '../network.js';
import type { ParsedArguments } from '../options.js';
import { checked, reach } from '../requests.js';
import { openWallet } from '../wallets.js';

interface Answer {
  readonly id: string;
  readonly format: string;
}

export const moduleCommand: Command = {
  name: 'module',
  summary: 'bring a module in WebAssembly to a running network',
  details: [
    'corral module add FILE.wasm signs the module, tries it, and stores it on the network at ' +
      '--port-base. The id that it prints is the one to spawn from.',
    'The format is found in the binary; a metered one must be named. With --id the module answers ' +
      'at that id too, such as the one it has on Arweave, so that clients which know it by that ' +
      'need no change.',
  ],
  positionals: [
    { name: 'add', required: true },
    { name: 'FILE.wasm', required: true },
  ],
  options: [
    PORT_BASE_OPTION,
    { name: 'id', value: 'ID', summary: 'a second id to answer at' },
    { name: 'name', value: 'NAME', summary: 'tag Name of the module' },
    { name: 'format', value: 'FORMAT', summary: 'Module-Format, default: as the binary shows' },
    { name: 'memory', value: 'SIZE', summary: 'Memory-Limit, such as 4-gb; default 1-gb' },
    { name: 'compute', value: 'GAS', summary: 'Compute-Limit of a metered module' },
    { name: 'extension', value: 'NAME', summary: 'Extension, such as WeaveDrive' },
    { name: 'wallet', value: 'FILE', summary: 'key file (JWK) to sign with, default: alice' },
  ],
  run: async (args, { terminal }) => {
    const [deed, file = ''] = args.positionals;
    if (deed !== 'add') throw unknownDeed(deed);
    const portBase = args.integers.get('port-base') ?? DEFAULT_PORT_BASE;
    const info = await fetchInfo(fetch, `http://127.0.0.1:${portBase}`);
    const wasm = readBytes(file);
    const alias = args.texts.get('id');
    const signed = signDataItem(openWallet(info, args.texts.get('wallet')), {
      // An item has one id beside its own at most; the anchor makes it another one for each.
      ...(alias !== undefined && ID.test(alias) && { anchor: alias }),
      tags: [...PROTOCOL, ...formatTags(wasm, args), ...ownTags(args)],
      data: wasm,
    });
    const path = alias === undefined ? '' : `/${encodeURIComponent(alias)}`;
    const url = `${info.urls.gateway}/corral/modules${path}`;
    const response = await reach(fetch, url, { method: 'POST', body: signed.bytes });
    const { id, format } = (await (await checked(response, 'gateway')).json()) as Answer;
    terminal.print(id);
    terminal.note(`${file} is a module of the format ${format}`);
    return EXIT.ok;
  },
};

/** What is none is refused by the network. */
const ID = /^[\w-]{43}$/;

const PROTOCOL = [
  { name: 'Data-Protocol', value: 'ao' },
  { name: 'Variant', value: 'ao.TN.1' },
  { name: 'Type', value: 'Module' },
];

function formatTags(wasm: Uint8Array, { texts }: ParsedArguments) {
  const format = texts.get('format');
  return moduleTags({ wasm, ...(format !== undefined && { format }) });
}

/** Option and the tag that it sets. */
const OWN_TAGS = [
  ['name', 'Name'],
  ['memory', 'Memory-Limit'],
  ['compute', 'Compute-Limit'],
  ['extension', 'Extension'],
] as const;

function ownTags({ texts }: ParsedArguments) {
  return OWN_TAGS.flatMap(([option, name]) => {
    const value = texts.get(option);
    return value === undefined ? [] : [{ name, value }];
  });
}

function unknownDeed(deed: string | undefined): CliError {
  const hint = 'There is one: `corral module add FILE.wasm`.';
  return new CliError('USAGE', `corral module cannot "${deed}"`, hint, { deed: deed ?? '' });
}
