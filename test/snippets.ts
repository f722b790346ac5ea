/** The code blocks of a document, for the tests that run them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../herd/package-root.js';

export interface Snippet {
  readonly document: string;
  readonly language: string;
  readonly code: string;
  /** The text block that follows it, if nothing but it follows. */
  readonly shown: string | undefined;
}

const BLOCK = /```(\w+)\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g;

export function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(join(packageRoot, document), 'utf8');
  return [...text.matchAll(BLOCK)].map(([, language = '', code = '', shown]) => ({
    document,
    language,
    code,
    shown,
  }));
}

/** A program or command of a document, whose network is at port 4000, for one at other ports. */
export function onPorts(code: string, portBase: number): string {
  return code.replace(/\b400\d\b/g, (port) => String(portBase + Number(port) - 4000));
}
