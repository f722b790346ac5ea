/**
 * Modules over HTTP: `POST /corral/modules` takes a signed module as the bundler would, but tries it
 * first, and `POST /corral/modules/ID` makes it answer at a second id as well, such as the one it
 * has on Arweave: whoever spawns from that id then gets it.
 */
import type { Context, Hono } from 'hono';
import { readProgram } from '../compute/modules.js';
import { ActorError } from '../errors.js';
import type { ActorNetwork } from '../network.js';
import { createWasmEngine } from '../wasm/engine.js';
import { createWasmMachine } from '../wasm/machine.js';
import { prepareApp } from './errors.js';
import { readBody } from './messenger.js';

/** A model's runtime has a few megabytes; its weights are not in it. */
const MODULE_BYTES_MAX = 64 * 1024 * 1024;
const ID = /^[\w-]{43}$/;

export function createModulesApp({ gateway, limits }: ActorNetwork): Hono {
  const app = prepareApp(gateway, MODULE_BYTES_MAX);
  const add = async (context: Context, alias: string | undefined) => {
    const item = gateway.readItem(await readBody(context.req.raw));
    const program = readProgram(item, limits);
    if (program.kind === 'wasm') {
      const engine = createWasmEngine(item.data, program.format);
      createWasmMachine(engine, program.limits).dispose(); // does it boot, within its limits?
    }
    gateway.putItem(item, { alias });
    const format = program.kind === 'wasm' ? program.format.name : 'lua54-corral';
    return context.json({ id: alias ?? item.id, item: item.id, format });
  };
  app.post('/corral/modules', (context) => add(context, undefined));
  app.post('/corral/modules/:id', (context) => add(context, requireId(context.req.param('id'))));
  return app;
}

function requireId(id: string): string {
  if (ID.test(id)) return id;
  throw new ActorError('INVALID_ID', `"${id}" is no id`, {
    hint: 'An id has 43 characters: letters, digits, - and _.',
  });
}
