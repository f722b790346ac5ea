/**
 * The real aos CLI in a pseudo-terminal, against a network of its own, with a home and a project that
 * nobody else uses.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NetworkEvent } from '../../actors/events.js';
import { type Corral, startCorral } from '../../herd/corral.js';
import { packageRoot } from '../../herd/package-root.js';
import { missingPeer, peerFolder } from '../peers.js';
import { onPorts } from '../snippets.js';
import { openTerminal, type Terminal } from './terminal.js';

export const MODES = ['legacy', 'mainnet'] as const;
export type Mode = (typeof MODES)[number];

const PROMPT = /\S+@aos-[\d.]+\[Inbox:\d+\]> /;

/** Why the CLI cannot be driven here; undefined if it can. */
export function whyNoCli(): string | undefined {
  if (!peerFolder('aos')) return missingPeer('aos');
  const { status } = spawnSync('python3', ['--version']);
  return status === 0 ? undefined : 'no python3 here, which makes the pseudo-terminal';
}

/** A network, and the places that the CLI writes to. */
export interface Site {
  /** The network; another one after a restart. */
  corral: Corral;
  readonly portBase: number;
  readonly folder: string;
  /** Writes files into the project, which is where the CLI runs. */
  write(files: Readonly<Record<string, string>>): void;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** @param db true for a network that is kept on disk, and can be started again */
export async function openSite(portBase: number, db = false): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-aos-'));
  const write: Site['write'] = (files) => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, 'project', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  mkdirSync(join(folder, 'project'));
  const start = () =>
    startCorral({
      portBase,
      workers: 0,
      keys: join(folder, 'keys'),
      ...(db && { db: join(folder, 'db') }),
    });
  const site: Site = {
    corral: await start(),
    portBase,
    folder,
    write,
    async restart() {
      await site.corral.close();
      site.corral = await start();
    },
    async close() {
      await site.corral.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return site;
}

export interface CliOptions {
  readonly mode: Mode;
  readonly args: readonly string[];
  /** Name of the folder that is its home: what it remembers is there. @default 'home' */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Leaves out all that tells it where the network is. */
  readonly bare?: boolean;
}

/** A terminal without animation: what is shown once is there once. */
const ENVIRONMENT = { CI: '1', TERM: 'dumb' };

const cliFile = () => join(peerFolder('aos') ?? '', 'bin', 'aos.js');

/** Starts the CLI as docs/CLIENTS.md says. */
export function startCli({ corral, folder }: Site, options: CliOptions): Terminal {
  const { mode, args, home = 'home', env = {}, bare = false } = options;
  const { urls, wallets } = corral.info;
  mkdirSync(join(folder, home), { recursive: true });
  const where = {
    legacy: ['--gateway-url', urls.gateway, '--mu-url', urls.mu, '--cu-url', urls.cu],
    mainnet: ['--url', urls.node],
  }[mode];
  const addresses = {
    GATEWAY_URL: urls.gateway,
    MU_URL: urls.mu,
    CU_URL: urls.cu,
    UPDATE_URL: `${urls.gateway}/none`,
  };
  return openTerminal({
    command: [
      process.execPath,
      cliFile(),
      ...args,
      ...(mode === 'legacy' ? ['--legacy'] : []),
      ...(bare ? [] : where),
      '--wallet',
      wallets[0]?.jwk ?? '',
    ],
    cwd: join(folder, 'project'),
    env: {
      ...ENVIRONMENT,
      PATH: process.env.PATH,
      HOME: join(folder, home),
      ...(bare ? {} : addresses),
      ...env,
    },
  });
}

/** Runs the CLI to its end. */
export async function runCli(site: Site, options: CliOptions) {
  const terminal = startCli(site, options);
  const status = await terminal.ended;
  return { status, shown: terminal.text() };
}

/** The CLI at its prompt. */
export interface Console {
  readonly terminal: Terminal;
  /** Id of its process. */
  readonly process: string;
  /**
   * Enters a line, and waits for what it is expected to show and for the prompt after it.
   * @param expected a line, or a pattern
   * @returns what was shown in between
   */
  enter(line: string, expected: string | RegExp): Promise<string>;
  /** Ends it by `.exit`. @returns its exit status */
  exit(): Promise<number | null>;
}

export function openConsole(site: Site, options: CliOptions): Promise<Console> {
  return atPrompt(startCli(site, options));
}

/** The CLI as a shell starts it: commands as they stand in a document, with `aos` to be found. */
export function typeInShell({ portBase, folder }: Site, code: string): Promise<Console> {
  const bin = join(folder, 'bin');
  const home = join(folder, 'home-of-shell');
  for (const path of [bin, home]) mkdirSync(path, { recursive: true });
  const aos = join(bin, 'aos');
  writeFileSync(aos, `#!/bin/sh\nexec '${process.execPath}' '${cliFile()}' "$@"\n`, {
    mode: 0o755,
  });
  const script = onPorts(code, portBase).replace('/path/to/node_modules/corral', packageRoot);
  const env = { ...ENVIRONMENT, HOME: home, PATH: `${bin}:${process.env.PATH}` };
  const shim = { CORRAL_PORT_BASE: String(portBase) };
  return atPrompt(
    openTerminal({ command: ['sh', '-c', script], cwd: folder, env: { ...env, ...shim } }),
  );
}

async function atPrompt(terminal: Terminal): Promise<Console> {
  const banner = await terminal.until(PROMPT);
  const process = /Your AOS Process: (\S{43})/.exec(banner)?.[1] ?? '';
  return {
    terminal,
    process,
    async enter(line, expected) {
      terminal.type(`${line}\n`);
      await terminal.until(/\n> .*\n/); // its own echo
      const shown = await terminal.until(lineOr(expected));
      return shown + (await terminal.until(PROMPT));
    },
    exit() {
      terminal.type('.exit\n');
      return terminal.ended;
    },
  };
}

/** A line of its own, or behind a prompt: live output may have put one there. */
function lineOr(expected: string | RegExp): RegExp {
  if (expected instanceof RegExp) return expected;
  return new RegExp(`(?:\\n|> )${expected.replace(/[^\w\s]/g, '\\$&')}\\n`);
}

/** Resolves when a process has evaluated a message with this action. */
export function evaluated({ corral }: Site, process: string, action: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = corral.network.events.on('*', (event: NetworkEvent) => {
      if (event.type !== 'evaluated' || event.process !== process || event.action !== action)
        return;
      stop();
      resolve();
    });
  });
}
