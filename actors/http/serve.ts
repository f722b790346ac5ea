/**
 * Serving a unit on a port of this machine, with an error that says how to choose another port.
 */
import type { Hono } from 'hono';
import type { RateBound } from '../../arlocal/http/rate.js';
import { type RunningServer, serveApp } from '../../arlocal/http/serve.js';
import { ActorError } from '../errors.js';

export interface ServeOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** @default '127.0.0.1': this machine only */
  readonly host?: string | undefined;
  /** How often one address may ask. @default as often as it likes */
  readonly rate?: RateBound | undefined;
  /** What the port is for, and the option that sets it: both are in the error if it is taken. */
  readonly purpose: string;
  readonly option: string;
}

/** @throws {ADDRESS_UNUSABLE, PORT_IN_USE, PORT_UNUSABLE} */
export async function serveUnit(app: Hono, options: ServeOptions): Promise<RunningServer> {
  const { port, host, rate, purpose, option } = options;
  try {
    return await serveApp(app, { port, host, rate });
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw error;
    throw new ActorError('PORT_IN_USE', `port ${port} for the ${purpose} is in use`, {
      hint: `Stop what listens there, or choose other ports with ${option}.`,
      details: { port, purpose, option },
      cause: error,
    });
  }
}
