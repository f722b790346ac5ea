/**
 * Where the real ArLocal 1.1.66 answers otherwise than Corral, and why Corral does not follow it. The
 * suite fails when one of these is no longer true, and when there is a difference that is not here.
 */
export interface Difference {
  readonly why: string;
  /** What ArLocal answers, by the name of the deed. */
  readonly arlocal: Readonly<Record<string, unknown>>;
}

const BAD_REQUEST = { status: 400, type: 'text/plain', says: 'Bad Request' };
const NOT_FOUND = { status: 404, type: 'text/plain', says: 'Not Found' };

export const DIFFERENCES: readonly Difference[] = [
  {
    why: 'it names itself; here there is no other node',
    arlocal: {
      'network.getPeers': ['itself'],
    },
  },
  {
    why: 'its price is 65,595 winston a byte and nothing for no data; ours has a base, as a node has',
    arlocal: {
      'transactions.getPrice': { ofNothing: '0', ofMegabyte: '65595508000', toBob: '65595508000' },
    },
  },
  {
    why: 'bad input is refused with a reason',
    arlocal: {
      'GET /price of no number': { status: 200, type: 'text/plain', says: 'NaN' },
      'GET /wallet/:address/balance of no address': {
        status: 200,
        type: 'application/json',
        says: '0',
      },
      'GET /mint of no number': { status: 200, type: 'application/json', says: 'null' },
      'transactions(first: -1)': [],
      'GET /mine/:count of no number': 200,
    },
  },
  {
    why: 'it makes up an address that nobody has a key of',
    arlocal: {
      'POST /wallet without an address': { status: 200, address: 'string' },
    },
  },
  {
    why: 'errors here say what to do, and are JSON with a code',
    arlocal: {
      'PATCH /wallet/:address/balance without a balance': {
        status: 422,
        type: 'application/json',
        says: 'Balance is required !',
      },
      'GET /tx/:id of an unknown id': NOT_FOUND,
      'GET /tx/:id of no id': NOT_FOUND,
      'GET /tx/:id/:field that does not exist': {
        status: 404,
        type: 'application/json',
        says: 'Field Not Found !',
      },
      'GET /chunk/:offset where none is': { status: 204, says: '' },
      'GET /chunk/:offset of no number': { status: 204, says: '' },
      'GET /:id of an unknown id': { status: 404, type: 'application/json', says: 'Not Found' },
      'transactions(after) of no cursor': ['invalid cursor'],
      'POST /tx with a tag changed after signing': BAD_REQUEST,
      'POST /tx with other data': BAD_REQUEST,
      'POST /tx of other JSON': [BAD_REQUEST, BAD_REQUEST, BAD_REQUEST],
      'POST /tx of no JSON': BAD_REQUEST,
    },
  },
  {
    why: 'it lists the text "[object Object]" instead of ids',
    arlocal: {
      'blocks.getByHeight': {
        height: 1,
        follows: true,
        timestamp: 'number',
        hasText: false,
        transactions: 1,
      },
      'GET /block/height/0, the genesis block': {
        status: 200,
        previous_block: '',
        txs: ['[object Object]'],
        height: 0,
      },
    },
  },
  {
    why: 'a route of nodes that it lacks',
    arlocal: {
      'GET /block/current': 404,
    },
  },
  {
    why: 'its file of requests; /corral/events tells what happens here',
    arlocal: {
      'GET /logs': 200,
    },
  },
  {
    why: 'its error has the status 200',
    arlocal: {
      'GET a word that is no route': {
        status: 200,
        type: 'application/json',
        says: 'Request type not found.',
      },
    },
  },
  {
    why: 'it answers a transaction before it is mined; a node says Pending',
    arlocal: {
      'transactions.get before it is mined': 'does not fail',
    },
  },
  {
    why: 'programs on AO read /tx of items too, so it is served here',
    arlocal: {
      'GET /tx/:id of an item in a bundle': 404,
    },
  },
  {
    why: 'a node counts the block itself as the first confirmation',
    arlocal: {
      'transactions.getStatus': {
        status: 200,
        block_height: 1,
        block_indep_hash: true,
        number_of_confirmations: 0,
      },
      'GET /mine/:count': { status: 200, mined: 3, told: 3, inBlock: 1, confirmations: 2 },
    },
  },
  {
    why: 'it says Pending with 200, a node with 202',
    arlocal: {
      'transactions.getStatus before it is mined': { status: 200, confirmed: 'Pending' },
      'GET /tx/:id/:field before it is mined': { status: 200, type: 'text/plain', says: 'Pending' },
    },
  },
  {
    why: 'it lacks the data of what came in chunks at this route',
    arlocal: {
      'GET /tx/:id/data of five chunks': { status: 200, bytes: 0 },
    },
  },
  {
    why: 'it fails inside, and answers OK',
    arlocal: {
      'GET /tx/:id/offset of a transfer': { status: 200, type: 'text/plain', says: 'OK' },
    },
  },
  {
    why: 'it adds the columns of its table to what a node answers, and lacks tx_path',
    arlocal: {
      'chunks.getChunk': {
        fields: ['chunk', 'created_at', 'data_path', 'data_root', 'data_size', 'id', 'offset'],
        bytes: 262144,
      },
    },
  },
  {
    why: 'it never had ArQL; the client still offers it',
    arlocal: {
      'transactions.search, which is ArQL': 'Method Not Allowed',
      'POST /arql with and, or, from and to': { status: 405 },
    },
  },
  {
    why: 'bytes of no known type are not text',
    arlocal: {
      'GET /:id without a Content-Type tag': { status: 200, type: 'text/plain', asSent: true },
    },
  },
  {
    why: 'no data is data of no bytes here',
    arlocal: {
      'GET /:id of a transfer': { status: 204, text: '' },
    },
  },
  {
    why: 'it answers the data whatever the path',
    arlocal: {
      'GET /:id/PATH where there is no manifest': 200,
    },
  },
  {
    why: 'a route of gateways that it lacks',
    arlocal: {
      'GET /raw/:id': { status: 404, type: 'text/plain', text: 'Not Found' },
    },
  },
  {
    why: 'it sets the headers of the request instead of the answer; WeaveDrive needs them',
    arlocal: {
      'HEAD /:id': { status: 200, length: null, ranges: null },
      'HEAD /:id of five chunks': { status: 200, length: null },
    },
  },
  {
    why: 'it answers the whole file to every range; WeaveDrive reads by range',
    arlocal: {
      'GET /:id with a Range': { status: 200, text: 'hello, weave', range: null },
      'GET /:id of a video with a Range': {
        status: 200,
        text: '0123456789',
        range: 'bytes 0-10/10',
      },
      'GET /:id with a Range past the end, as WeaveDrive asks': {
        status: 200,
        text: '0123456789',
        range: 'bytes 0-10/10',
        length: '10',
      },
      'GET /:id with a Range outside the data': { status: 200, range: 'bytes 0-10/10' },
    },
  },
  {
    why: 'no type is null here, as on ar.io gateways',
    arlocal: {
      'transaction(id) of a transfer': {
        recipient: true,
        quantity: { winston: '12345', ar: '0.000000012345' },
        data: { size: '0', type: '' },
      },
    },
  },
  {
    why: 'it forgets the anchor, and in which bundle an item came',
    arlocal: {
      'transaction(id) of an item in a bundle': {
        anchor: '',
        recipient: true,
        signature: true,
        owner: true,
        tags: [
          { name: 'Content-Type', value: 'text/plain' },
          { name: 'Bundled', value: 'ed' },
        ],
        data: { size: '10', type: 'text/plain' },
        fee: { winston: '0' },
        quantity: { winston: '0' },
        block: { height: 1 },
        bundledIn: false,
      },
    },
  },
  {
    why: 'it reads tags as Latin-1 where it indexes them',
    arlocal: {
      'transactions(tags) beyond ASCII': { names: [], more: false },
    },
  },
  {
    why: "an extension of Goldsky's that tools for AO use",
    arlocal: {
      'transactions(tags) with a wildcard': {
        errors: ['Field "match" is not defined by type "TagFilter".'],
      },
      'transactions { count }': {
        status: 400,
        errors: ['Cannot query field "count" on type "TransactionConnection".'],
      },
    },
  },
  {
    why: 'what waits is in no block; it gives it the next height at once',
    arlocal: {
      'transactions(block: { min })': { names: ['late'], more: false },
    },
  },
  {
    why: 'it takes a height of 0 for no condition',
    arlocal: {
      'transactions(block) of the genesis block': {
        names: [
          'bundle',
          'byAlice',
          'byEd',
          'large',
          'late',
          'page',
          'site',
          'style',
          'text',
          'transfer',
          'video',
        ],
        more: false,
      },
    },
  },
  {
    why: 'it ignores this filter',
    arlocal: {
      'transactions(bundledIn)': {
        names: [
          'bundle',
          'byAlice',
          'byEd',
          'large',
          'late',
          'page',
          'site',
          'style',
          'text',
          'transfer',
          'video',
        ],
        more: false,
      },
    },
  },
  {
    why: 'it takes 0 for the default of 10',
    arlocal: {
      'transactions(first: 0)': { edges: 10, more: true },
    },
  },
  {
    why: 'the newest block here',
    arlocal: {
      'block without an id': { block: null },
    },
  },
  {
    why: "the orders by INGESTED_AT are Goldsky's",
    arlocal: {
      introspection: {
        fields: ['transaction', 'transactions', 'block', 'blocks'],
        orders: ['HEIGHT_ASC', 'HEIGHT_DESC'],
      },
    },
  },
  {
    why: 'its database refuses the second, and it says 404; a node says 208',
    arlocal: {
      'transactions.post twice': 404,
      'POST /tx twice': NOT_FOUND,
    },
  },
  {
    why: 'anchors are not checked here: the id keeps a transaction from being taken twice',
    arlocal: {
      'POST /tx with an unknown last_tx': 400,
    },
  },
  {
    why: 'it takes what is missing from the balance; a node refuses',
    arlocal: {
      'POST /tx with no reward': 200,
    },
  },
  {
    why: 'Arweave takes empty values',
    arlocal: {
      'POST /tx with an empty tag value': 400,
    },
  },
  {
    why: 'it wants the fields of format 2',
    arlocal: {
      'POST /tx of format 1': 400,
    },
  },
  {
    why: 'it takes chunks without a look at their proofs',
    arlocal: {
      'POST /chunk of data that nobody announced': {
        status: 200,
        type: 'application/json',
        says: '{}',
      },
      'POST /chunk with other bytes': { status: 200, type: 'application/json', says: '{}' },
    },
  },
  {
    why: 'nothing that was stored is taken back: processes stand on it',
    arlocal: {
      'DELETE /tx/:id': { status: 200, later: 404 },
    },
  },
  {
    why: 'nothing that was stored is taken back: start a new network',
    arlocal: {
      'GET /reset': { status: 200, startsAgain: true },
    },
  },
];
