/**
 * A headless Chromium, driven by playwright-core from the peers, and a site of another origin than
 * the network whose pages it opens.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { missingPeer, peerFolder } from '../../peers.js';

/** What is used of playwright-core, which is no dependency. */
export interface Page {
  goto(url: string): Promise<unknown>;
  exposeFunction(name: string, call: (...args: never[]) => unknown): Promise<void>;
  evaluate<Result, Argument>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result>;
  waitForFunction(expression: string): Promise<unknown>;
  on(event: 'pageerror', listener: (error: Error) => void): void;
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  chromium: { launch(options: { executablePath: string; args: string[] }): Promise<Browser> };
}

const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executable = [process.env.CHROMIUM ?? '', ...CHROMIUMS].find((path) => existsSync(path));

/** Why pages cannot be opened on this machine; undefined if they can. */
export const noBrowser: string | undefined = !executable
  ? 'there is no Chromium: apt-get install chromium, or set CHROMIUM to one'
  : peerFolder('browser')
    ? undefined
    : missingPeer('browser');

export async function openBrowser(): Promise<Browser> {
  const require = createRequire(join(peerFolder('browser') ?? '', 'package.json'));
  const { chromium } = require('playwright-core') as Playwright;
  return chromium.launch({ executablePath: executable ?? '', args: ['--no-sandbox'] });
}

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves one page that loads `scripts` and then `module`; the files are served under their paths. */
export async function serveSite(
  scripts: Readonly<Record<string, string>>,
  modules: Readonly<Record<string, string>>,
): Promise<Site> {
  const files = new Map(Object.entries({ ...scripts, ...modules }));
  const page = [
    '<!doctype html><meta charset="utf-8">',
    ...Object.keys(scripts).map((path) => `<script src="${path}"></script>`),
    ...Object.keys(modules).map((path) => `<script type="module" src="${path}"></script>`),
  ].join('\n');
  const server = createServer(async (request, response) => {
    const file = files.get(request.url ?? '');
    response.setHeader('Content-Type', file ? 'text/javascript' : 'text/html');
    response.end(file ? await readFile(file) : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
