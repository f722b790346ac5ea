/**
 * Data by id, as browsers, WeaveDrive and web apps read it: whole, by range, through manifests.
 */
import { brief, type Deed } from './deed.js';
import { LARGE, UNKNOWN_ID } from './world.js';

export const DATA_DEEDS: readonly Deed[] = [
  {
    name: 'GET /:id',
    async run({ get, transactions }) {
      const { status, type, text, header } = await get(`/${transactions.text.id}`);
      return { status, type, text, length: header('Content-Length') };
    },
    answers: { status: 200, type: 'text/plain', text: 'hello, weave', length: '12' },
  },
  {
    name: 'GET /:id without a Content-Type tag',
    async run({ get, transactions }) {
      const { status, type, bytes } = await get(`/${transactions.large.id}`);
      return { status, type, asSent: Buffer.compare(bytes, LARGE) === 0 };
    },
    answers: { status: 200, type: 'application/octet-stream', asSent: true },
  },
  {
    name: 'GET /:id before it is mined',
    async run({ get, transactions }) {
      const { status, text } = await get(`/${transactions.late.id}`);
      return { status, text };
    },
    answers: { status: 200, text: 'not mined yet' },
  },
  {
    name: 'GET /:id of an unknown id',
    run: async ({ get }) => brief(await get(`/${UNKNOWN_ID}`)),
    answers: { status: 404, type: 'application/json', says: 'NOT_FOUND' },
  },
  {
    name: 'GET /:id of a transfer',
    async run({ get, transactions }) {
      const { status, text } = await get(`/${transactions.transfer.id}`);
      return { status, text };
    },
    answers: { status: 200, text: '' },
  },
  {
    name: 'GET /:id/',
    async run({ get, transactions }) {
      const { status, text } = await get(`/${transactions.text.id}/`);
      return { status, text };
    },
    answers: { status: 200, text: 'hello, weave' },
  },
  {
    name: 'GET /:id/PATH where there is no manifest',
    run: async ({ get, transactions }) => (await get(`/${transactions.text.id}/x.css`)).status,
    answers: 404,
  },
  {
    name: 'GET /:id of a bundle',
    async run({ get, transactions: { bundle } }) {
      const { status, type, bytes } = await get(`/${bundle.id}`);
      return { status, type, asSent: Buffer.compare(bytes, bundle.data) === 0 };
    },
    answers: { status: 200, type: 'application/octet-stream', asSent: true },
  },
  {
    name: 'GET /:id of an RSA item in a bundle',
    async run({ get, items }) {
      const { status, type, text } = await get(`/${items.byAlice.item.id}`);
      return { status, type, text };
    },
    answers: { status: 200, type: 'text/plain', text: 'item of alice' },
  },
  {
    name: 'GET /:id of an Ed25519 item in a bundle',
    async run({ get, items }) {
      const { status, type, text } = await get(`/${items.byEd.item.id}`);
      return { status, type, text };
    },
    answers: { status: 200, type: 'text/plain', text: 'item of ed' },
  },
  {
    name: 'GET /raw/:id',
    async run({ get, transactions }) {
      const { status, type, text } = await get(`/raw/${transactions.text.id}`);
      return { status, type, text };
    },
    answers: { status: 200, type: 'text/plain', text: 'hello, weave' },
  },
  {
    name: 'HEAD /:id',
    async run({ get, transactions }) {
      const { status, type, header } = await get(`/${transactions.text.id}`, { method: 'HEAD' });
      const [length, ranges] = [header('Content-Length'), header('Accept-Ranges')];
      return { status, type, length, ranges };
    },
    answers: { status: 200, type: 'text/plain', length: '12', ranges: 'bytes' },
  },
  {
    name: 'HEAD /:id of five chunks',
    async run({ get, transactions }) {
      const { status, header } = await get(`/${transactions.large.id}`, { method: 'HEAD' });
      return { status, length: header('Content-Length') };
    },
    answers: { status: 200, length: '1060921' },
  },
  {
    name: 'HEAD /:id of an unknown id',
    run: async ({ get }) => (await get(`/${UNKNOWN_ID}`, { method: 'HEAD' })).status,
    answers: 404,
  },
  {
    name: 'GET /:id with a Range',
    async run({ get, transactions }) {
      const headers = { Range: 'bytes=7-10' };
      const { status, text, header } = await get(`/${transactions.text.id}`, { headers });
      return { status, text, range: header('Content-Range') };
    },
    answers: { status: 206, text: 'weav', range: 'bytes 7-10/12' },
  },
  {
    name: 'GET /:id of a video with a Range',
    async run({ get, transactions }) {
      const headers = { Range: 'bytes=2-4' };
      const { status, text, header } = await get(`/${transactions.video.id}`, { headers });
      return { status, text, range: header('Content-Range') };
    },
    answers: { status: 206, text: '234', range: 'bytes 2-4/10' },
  },
  {
    name: 'GET /:id with a Range past the end, as WeaveDrive asks',
    async run({ get, transactions }) {
      const headers = { Range: 'bytes=8-99', 'Accept-Encoding': 'identity' };
      const { status, text, header } = await get(`/${transactions.video.id}`, { headers });
      const [range, length] = [header('Content-Range'), header('Content-Length')];
      return { status, text, range, length };
    },
    answers: { status: 206, text: '89', range: 'bytes 8-9/10', length: '2' },
  },
  {
    name: 'GET /:id with a Range outside the data',
    async run({ get, transactions }) {
      const headers = { Range: 'bytes=100-200' };
      const { status, header } = await get(`/${transactions.video.id}`, { headers });
      return { status, range: header('Content-Range') };
    },
    answers: { status: 416, range: 'bytes */10' },
  },
  {
    name: 'GET /:id of a manifest: its index',
    async run({ get, transactions }) {
      const { status, type, text } = await get(`/${transactions.site.id}`);
      return { status, type, text };
    },
    answers: { status: 200, type: 'text/html', text: '<h1>page</h1>' },
  },
  {
    name: 'GET /:id/PATH through a manifest',
    async run({ get, transactions }) {
      const { status, type, text } = await get(`/${transactions.site.id}/css/style.css`);
      return { status, type, text };
    },
    answers: { status: 200, type: 'text/css', text: 'h1 {}' },
  },
  {
    name: 'GET /:id/PATH that a manifest lacks',
    run: async ({ get, transactions }) => (await get(`/${transactions.site.id}/none.js`)).status,
    answers: 404,
  },
  {
    name: 'GET /PATH from a page of a manifest',
    async run({ get, url, transactions: { site } }) {
      const headers = { Referer: `${url}/${site.id}` };
      const { status, header } = await get('/css/style.css', { redirect: 'manual', headers });
      const location = header('Location')?.replace(url, '').replace(site.id, 'ID');
      return { status, location };
    },
    answers: { status: 302, location: '/ID/css/style.css' },
  },
];
