/**
 * Path manifests: one item that gives names to others, so that a site lives under one id.
 * Source: ArweaveTeam/arweave-docs "Path manifest schema" (arweave/paths 0.1.0 and 0.2.0).
 */
import { isId } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import { fieldsOf, showValue } from '../json-fields.js';

export function isManifest(contentType: string): boolean {
  return contentType.startsWith('application/x.arweave-manifest+json');
}

/**
 * The id that a path leads to: the index for the empty path, the fallback for an unknown one.
 * @throws {MANIFEST_INVALID, NOT_FOUND}
 */
export function resolvePath(id: string, data: Uint8Array, path: string): string {
  const manifest = fieldsOf(parse(id, data));
  if (manifest.get('manifest') !== 'arweave/paths') {
    throw invalid(id, '"manifest" is not "arweave/paths"');
  }
  const paths = fieldsOf(manifest.get('paths'));
  const index = fieldsOf(manifest.get('index'));
  const wanted = path === '' ? showValue(index.get('path') ?? '') : path;
  const named = fieldsOf(paths.get(wanted)).get('id');
  const byIndex = path === '' ? index.get('id') : undefined;
  const target = byIndex ?? named ?? fieldsOf(manifest.get('fallback')).get('id');
  if (target === undefined)
    throw new ArlocalError('NOT_FOUND', { what: 'path', id: `${id}/${path}` });
  if (typeof target === 'string' && isId(target)) return target;
  throw invalid(id, `"${wanted}" leads to "${showValue(target)}", which is no id`);
}

function parse(id: string, data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (cause) {
    throw invalid(id, cause instanceof Error ? cause.message : String(cause));
  }
}

function invalid(id: string, reason: string): ArlocalError {
  return new ArlocalError('MANIFEST_INVALID', { id, reason });
}
