/**
 * What an editor asks of a session that stands still, as the protocol's bodies.
 */
import type { DebugSessionClient } from '../debug/client.js';
import { CliError } from '../errors.js';
import type { SourceMap } from './source-map.js';

type Arguments = Readonly<Record<string, unknown>>;
type Query = (session: DebugSessionClient, args: Arguments, sources: SourceMap) => unknown;

/** By the name of the request; each answers its body. */
export const QUERIES: Readonly<Record<string, Query>> = {
  stackTrace(session, { startFrame, levels }, sources) {
    const { frames } = session.view;
    const start = Number(startFrame ?? 0);
    const end = Number(levels) > 0 ? start + Number(levels) : frames.length;
    const stackFrames = frames.slice(start, end).map(({ frame, name, source, line, isKernel }) => {
      const about = isKernel
        ? { presentationHint: 'subtle' }
        : { source: sources.toSource(source) };
      return { id: frame + 1, name, line: Math.max(line, 0), column: 1, ...about };
    });
    return { stackFrames, totalFrames: frames.length };
  },

  async scopes(session, { frameId }) {
    const { locals, upvalues, globals } = await session.scopes(frameOf(frameId));
    const scopes = [
      { name: 'Locals', presentationHint: 'locals', variablesReference: locals },
      { name: 'Upvalues', variablesReference: upvalues },
      { name: 'Globals', variablesReference: globals },
    ];
    return { scopes: scopes.map((scope) => ({ ...scope, expensive: false })) };
  },

  async variables(session, { variablesReference, start, count }) {
    const most = Number(count) > 0 ? Number(count) : undefined;
    const list = await session.variables(Number(variablesReference), Number(start ?? 0), most);
    return {
      variables: list.map(({ name, text, type, reference, size }) => ({
        name,
        value: text,
        type,
        variablesReference: reference,
        ...(size === undefined ? {} : { namedVariables: size }),
      })),
    };
  },

  async evaluate(session, { expression, frameId }) {
    const { values, error } = await session.evaluate(String(expression), frameOf(frameId));
    if (error !== undefined) throw new CliError('USAGE', error, '');
    const [first, ...others] = values;
    const variablesReference = others.length === 0 ? (first?.reference ?? 0) : 0;
    return { result: values.map(({ text }) => text).join(', '), variablesReference };
  },

  async source(session, { sourceReference }, sources) {
    const chunk = sources.chunkOf(Number(sourceReference)) ?? '';
    return { content: (await session.source(chunk)).join('\n') };
  },
};

/** Frames of the protocol count from 1, because 0 may mean none. */
function frameOf(id: unknown): number {
  return Math.max(0, Number(id ?? 1) - 1);
}
