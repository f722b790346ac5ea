/**
 * Data by id: `/raw/:id` as it is, `/:id` through path manifests; whole, as HEAD, or as a range.
 *
 * WeaveDrive and browsers rely on Content-Length and on a Content-Range that tells the truth.
 */
import { type Context, Hono } from 'hono';
import { isId } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import type { Gateway } from '../gateway.js';
import { findTag, type Tag } from '../tags.js';
import { isManifest, resolvePath } from './manifest.js';

export function createDataRoutes(gateway: Gateway): Hono {
  const app = new Hono();

  const serve = async (context: Context, id: string, path: string) => {
    const found = await readData(gateway, id);
    const contentType = contentTypeOf(found.tags);
    if (!isManifest(contentType)) {
      if (path !== '') throw new ArlocalError('NOT_FOUND', { what: 'path', id: `${id}/${path}` });
      return respondWithData(context, id, found.data, contentType);
    }
    const target = resolvePath(id, found.data, path);
    const { data, tags } = await readData(gateway, target);
    return respondWithData(context, target, data, contentTypeOf(tags));
  };

  app.get('/raw/:id', async (context) => {
    const id = context.req.param('id');
    const { data, tags } = await readData(gateway, id);
    return respondWithData(context, id, data, contentTypeOf(tags));
  });
  app.get('/:id', async (context) => {
    const id = context.req.param('id');
    const site = isId(id) ? undefined : siteOf(context);
    if (site !== undefined) return context.redirect(encodeURI(`/${site}/${id}`));
    return serve(context, id, '');
  });
  app.get('/:id/:path{.*}', async (context) => {
    const { id, path } = context.req.param();
    const site = isId(id) ? undefined : siteOf(context);
    if (site !== undefined) return context.redirect(encodeURI(`/${site}/${id}/${path}`));
    return serve(context, id, path);
  });
  return app;
}

/** The manifest that a page came from, which asks for a path as if it stood at the root. */
function siteOf(context: Context): string | undefined {
  const path = /^https?:\/\/[^/]+\/([^/?#]+)/.exec(context.req.header('Referer') ?? '')?.[1];
  return path !== undefined && isId(path) ? path : undefined;
}

/** @throws {NOT_FOUND} if the id is unknown, or its data has not all been uploaded; UPSTREAM_... */
export async function readData(gateway: Gateway, id: string) {
  await gateway.fetchMissing([id], { data: true });
  const located = gateway.locate(id);
  if (!located) throw notFound(id);
  const data = gateway.data(id);
  if (!data) throw new ArlocalError('NOT_FOUND', { what: 'complete data of', id });
  return { data, tags: located.entry.tags };
}

/** The tag, unless there is none or it cannot stand in a header. */
function contentTypeOf(tags: readonly Tag[]): string {
  const type = findTag(tags, 'Content-Type') ?? '';
  return /^[\x20-\x7e]+$/.test(type) ? type : 'application/octet-stream';
}

/** What is no id was meant as a route. */
export function notFound(id: string): ArlocalError {
  const what = isId(id) ? 'transaction or data item' : 'route or id';
  return new ArlocalError('NOT_FOUND', { what, id });
}

function respondWithData(context: Context, id: string, data: Uint8Array, contentType: string) {
  context.header('Content-Type', contentType);
  context.header('Accept-Ranges', 'bytes');
  context.header('ETag', `"${id}"`);
  const range = context.req.header('Range');
  const part = range === undefined ? undefined : parseRange(range, data.length);
  if (part === 'outside') {
    context.header('Content-Range', `bytes */${data.length}`);
    throw new ArlocalError('RANGE_UNSATISFIABLE', { range: range ?? '', size: data.length });
  }
  if (!part) return respondWithBytes(context, data, 200);
  context.header('Content-Range', `bytes ${part.first}-${part.last}/${data.length}`);
  return respondWithBytes(context, data.subarray(part.first, part.last + 1), 206);
}

function respondWithBytes(context: Context, bytes: Uint8Array, status: 200 | 206) {
  context.header('Content-Length', String(bytes.length));
  return context.body(Buffer.from(bytes), status);
}

/**
 * One byte range (RFC 9110, section 14.2). Undefined for what a server may ignore: another unit,
 * several ranges, nonsense; then the whole is served.
 */
export function parseRange(
  header: string,
  size: number,
): { first: number; last: number } | 'outside' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const isSuffix = match[1] === '';
  const first = isSuffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = isSuffix || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (!isSuffix && match[2] !== '' && Number(match[2]) < first) return undefined;
  return first >= size ? 'outside' : { first, last };
}
