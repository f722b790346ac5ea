/**
 * What a network is, on one screen, in the order in which a newcomer asks: which version and seed,
 * where it listens, who has money, who takes part, what an answer costs, who computes it.
 */
import type { CorralInfo } from '../index.js';
import { alignColumns, formatAmount, formatBytes, formatCount } from './format.js';
import type { Colors } from './terminal.js';

interface WalletBalance {
  readonly name: string;
  readonly address: string;
  readonly arWinston: bigint;
  readonly warWinston: bigint;
}

export interface BannerFacts {
  readonly info: CorralInfo;
  readonly balances: readonly WalletBalance[];
  /** Milliseconds from the start of the program to a network that answers. */
  readonly readyMs: number;
}

const SEED_MEANS = 'the same seed gives the same wallets, ids and answers';
const WARNING = 'publicly known keys: never send real AR or wAR to these addresses';
const WARNING_AGAIN = 'Everyone who has Corral has the keys of these wallets.';

/** @param processes names and ids, in the order of the banner */
export function bannerLines(
  { info, balances, readyMs }: BannerFacts,
  processes: readonly { readonly name: string; readonly id: string }[],
  colors: Colors,
): string[] {
  const { bold, cyan, dim, green, yellow } = colors;
  const heading = (title: string, note = '') => ['', `${bold(title)}${note}`];
  const { terms, model } = info;
  return [
    `${bold(`Corral ${info.version}`)}  ${dim('a local AO network for llama herds')}`,
    '',
    `${bold('Seed')} ${bold(green(String(info.seed)))}  ${dim(SEED_MEANS)}`,
    ...heading('URLs'),
    ...alignColumns(Object.entries(info.urls).map(([unit, url]) => [`  ${unit}`, cyan(url)])),
    ...(info.upstream
      ? [`  on top of ${cyan(info.upstream.url)}  ${dim(info.upstream.network)}`]
      : []),
    ...heading('Wallets', yellow(`  ${WARNING}`)),
    ...alignColumns(
      balances.map(({ name, address, arWinston, warWinston }) => [
        `  ${name}`,
        address,
        formatAmount(arWinston, 'AR'),
        formatAmount(warWinston, 'wAR'),
      ]),
    ),
    yellow(`  ${WARNING_AGAIN}`),
    ...heading('Processes'),
    ...alignColumns(processes.map(({ name, id }) => [`  ${name}`, id])),
    ...heading('Terms', dim('  fee = (feeBase + (words + tokens) x feeToken) x multiplier')),
    `  feeBase ${terms.feeBase}   feeToken ${terms.feeToken}   feeBump ${terms.feeBump}` +
      `   last multiplier ${terms.lastMultiplier}`,
    ...heading('Model'),
    `  ${model.name}   ${formatCount(model.parameters)} parameters` +
      `   ${formatBytes(model.fileBytes)}`,
    '',
    `${bold(green('Ready'))} in ${formatCount(Math.round(readyMs))} ms`,
  ];
}
