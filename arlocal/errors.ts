/**
 * Every way in which stored things can be refused, as one table.
 *
 * A message says what happened with the offending value, the hint says what to do. Codes are
 * stable and never reused. Placeholders in braces are filled from `details`.
 */

const TABLE = {
  ADDRESS_INVALID: {
    message: '"{address}" is not an Arweave address.',
    hint: 'An address is 43 base64url characters: the SHA-256 of a public key.',
  },
  ADDRESS_UNUSABLE: {
    message: 'Cannot listen on the address {host}: {reason}.',
    hint: 'Give --host an address of this machine: 127.0.0.1, or 0.0.0.0 for all that it has.',
  },
  ALIAS_TAKEN: {
    message: 'The id {alias} is already served for another item.',
    hint: 'What an id answered once it answers for ever; start a new network to have it otherwise.',
  },
  ALIAS_TOO_LATE: {
    message: 'The item {id} is here already and cannot be pinned to {alias} any more.',
    hint: 'An item is pinned when it is stored: sign it again with another anchor, and pin that.',
  },
  ANCHOR_INVALID: {
    message: 'The anchor "{anchor}" is not 32 bytes.',
    hint: 'Give 32 characters of printable ASCII, or 32 bytes as 43 base64url characters.',
  },
  ARCHIVE_REFUSED: {
    message: 'The file is no whole export of a network: {reason}.',
    hint: 'Make it again with corral export, and copy it as it is.',
  },
  BALANCE_TOO_LOW: {
    message: '{address} has {balance} winston, the transaction costs {cost}.',
    hint: 'Mint some first: GET /mint/{address}/{cost}.',
  },
  BLOCK_COUNT_INVALID: {
    message: 'Cannot mine {count} blocks.',
    hint: 'Give a whole number from 1 to {max}.',
  },
  BLOCK_NOT_FOUND: {
    message: 'There is no block {block}.',
    hint: 'The newest block is at height {height}.',
  },
  BUNDLE_MALFORMED: {
    message: 'The bundle is malformed: {reason}.',
    hint: 'A bundle is a 32-byte count, a table of sizes and ids, then the items (ANS-104).',
  },
  BODY_TOO_LARGE: {
    message: 'The request body is longer than {limit} bytes.',
    hint: 'Post large data as an L1 transaction, in chunks of at most 256 KiB.',
  },
  CHUNK_INVALID: {
    message: 'The chunk is not part of the data with root {dataRoot}: {reason}.',
    hint: 'Cut and prove the data as arweave-js does, and post the transaction before its chunks.',
  },
  CHUNK_NOT_FOUND: {
    message: 'No stored chunk covers the weave offset {offset}.',
    hint: 'See /tx/{id}/offset for the offsets of a transaction.',
  },
  CURSOR_INVALID: {
    message: '"{cursor}" is not a cursor of this gateway.',
    hint: 'Pass a cursor from an edge of an earlier page.',
  },
  DATA_TOO_LARGE: {
    message: 'The transaction is to have {got} bytes of data, the limit is {limit}.',
    hint: 'Split the data into several transactions.',
  },
  HISTORY_NEEDS_MEMORY: {
    message: 'A network whose store lasts in a folder keeps all of its past.',
    hint: "Leave out the option history, or give history: 'all'.",
  },
  HTTP_BODY_NOT_SIGNED: {
    message: 'No signed content-digest covers the {bytes} bytes of the body.',
    hint: 'Sign a content-digest with the sha-256 of the body, or send none.',
  },
  HTTP_DIGEST_WRONG: {
    message: 'The content-digest is not that of the {bytes} bytes of the body.',
    hint: 'Send the body that was signed, unchanged.',
  },
  HTTP_FIELD_MISSING: {
    message: 'The signature covers the field "{field}", which the request does not have.',
    hint: 'Send every field that was signed.',
  },
  HTTP_FIELD_NOT_SIGNED: {
    message: 'The field "{field}" is not signed.',
    hint: 'Name it in signature-input and sign again, or leave it out.',
  },
  HTTP_SIGNATURE_EXPIRED: {
    message: 'The signature was to be used until {expires}, and it is {now}.',
    hint: 'Sign again; both are seconds since 1970, on the clock of this network.',
  },
  HTTP_SIGNATURE_INVALID: {
    message: 'The signature is not that of its keyid over: {fields}.',
    hint: 'Send the fields exactly as they were signed (RFC 9421).',
  },
  HTTP_SIGNATURE_MALFORMED: {
    message: 'The HTTP signature cannot be read: {reason}.',
    hint: 'Write signature-input and signature as RFC 9421 says; aoconnect does.',
  },
  HTTP_SIGNATURE_UNSUPPORTED: {
    message: 'The HTTP signature uses {what}, which is not supported.',
    hint: 'Sign plain fields with alg rsa-pss-sha512 (RSA-4096) or ed25519.',
  },
  ITEM_NOT_SIGNED: {
    message: "The signature of data item {id} is not its owner's.",
    hint: 'Sign the deep hash of the item as it is sent; change nothing afterwards.',
  },
  ITEM_TOO_LARGE: {
    message: 'The data item has {got} bytes, the limit is {limit}.',
    hint: 'Send less data, or post it as an L1 transaction in chunks.',
  },
  ITEM_TRUNCATED: {
    message: 'The data item ends inside its {field}: {bytes} bytes are too few.',
    hint: 'Send the whole ANS-104 item.',
  },
  ITEM_MALFORMED: {
    message: 'The data item is malformed: {reason}.',
    hint: 'Encode it as ANS-104 says; arbundles and signDataItem do.',
  },
  JSON_INVALID: {
    message: 'The request body is not the JSON expected here: {reason}.',
    hint: 'Send one JSON object.',
  },
  LIST_TOO_LONG: {
    message: '{what} are {got}, the limit is {limit}.',
    hint: 'Ask in several requests.',
  },
  MANIFEST_INVALID: {
    message: 'The path manifest {id} cannot be read: {reason}.',
    hint: 'Write it as arweave/paths says: {"manifest", "version", "index", "paths"}.',
  },
  NOT_FOUND: {
    message: 'There is no {what} "{id}" here.',
    hint: 'Check the id: nothing of it was posted here, or to a gateway given with --gateway.',
  },
  NOT_TAKEN_BACK: {
    message: '{what} would take back what was stored, and processes stand on it.',
    hint: 'Start a new network: without --db every start begins with nothing.',
  },
  PORT_UNUSABLE: {
    message: 'Cannot listen on {host}:{port}: {reason}.',
    hint: 'Stop what listens there, or choose another port.',
  },
  PUBLIC_KEY_INVALID: {
    message: 'The owner is not a usable public key of signature type {signatureType}.',
    hint: 'Use RSA-4096 (type 1) or Ed25519 (type 2).',
  },
  PAGE_SIZE_INVALID: {
    message: 'A page of {first} entries cannot be.',
    hint: 'Ask for first: 0 to {max}.',
  },
  QUERY_TOO_COSTLY: {
    message: 'The query asks for more than {limit} entries in all; counting costs {count} of them.',
    hint: 'Ask for smaller pages, or in several requests.',
  },
  QUERY_TOO_DEEP: {
    message: 'The query is {got} levels deep, the limit is {limit}.',
    hint: 'No field of the schema needs as many.',
  },
  QUANTITY_INVALID: {
    message: '"{quantity}" is not a quantity of winston.',
    hint: 'Give a whole number, zero or more, in decimal digits.',
  },
  RANGE_UNSATISFIABLE: {
    message: 'The range "{range}" is outside the {size} bytes of the data.',
    hint: 'Ask for bytes=START-END inside the data.',
  },
  REWARD_TOO_LOW: {
    message: 'The reward of {reward} winston is below the price of {price}.',
    hint: 'Ask /price/BYTES and use its answer as reward.',
  },
  SIGNER_RESERVED: {
    message: 'The item {id} is signed by {address}, which only this network itself signs with.',
    hint: 'Sign with a wallet of your own: keys of units follow from the seed, which may be known.',
  },
  SIGNATURE_TYPE_UNSUPPORTED: {
    message: 'Signature type {signatureType} is not supported.',
    hint: 'Sign with an Arweave RSA-4096 key (type 1) or an Ed25519 key (type 2).',
  },
  SIZE_INVALID: {
    message: '"{size}" is not a number of bytes.',
    hint: 'Give the size of the data as a whole number: /price/BYTES.',
  },
  SNAPSHOT_NEEDS_HISTORY: {
    message: 'A network that has forgotten some of its past has no snapshots.',
    hint: "Make it without the option history, or with history: 'all'.",
  },
  SNAPSHOT_NEEDS_MEMORY: {
    message: 'A network whose store lasts in a folder has no snapshots.',
    hint: 'Try things out in a network in memory. A folder can be copied with corral export.',
  },
  STORE_CLOSED: {
    message: 'The store in {folder} is closed.',
    hint: 'Ask again once the network has been started again: nothing of this request is kept.',
  },
  STORE_DAMAGED: {
    message: 'The store in {folder} is damaged: {place}: {reason}.',
    hint: 'Run `corral verify --db {folder}` to see all that is; go on with a copy or an import.',
  },
  STORE_FAILED: {
    message: 'The store in {folder} could not be read or written: {reason}.',
    hint: 'Free space, check the disk and start again: all that was acknowledged is kept.',
  },
  STORE_IN_USE: {
    message: 'The folder {folder} is open in another network{holder}.',
    hint: 'Stop that network, or join it instead of starting one.',
  },
  STORE_UNUSABLE: {
    message: 'The folder {folder} cannot hold a store: {reason}.',
    hint: 'Give a folder that this user can write, or leave it out to keep all in memory.',
  },
  TAG_NOT_STRING: {
    message: 'Tag {index} ({name}) has a {part} of type {type}.',
    hint: 'Tag names and values are strings: write String(value).',
  },
  TAGS_MALFORMED: {
    message: 'The tags are malformed: {reason}.',
    hint: 'Encode tags as the AVRO array of ANS-104.',
  },
  TAGS_TOO_LONG: {
    message: '{what}: {got}, the limit is {limit} {unit}.',
    hint: 'Put long values in the data of the item.',
  },
  TARGET_INVALID: {
    message: 'The target "{target}" is not an id or an address.',
    hint: 'Give 43 base64url characters (32 bytes), or leave it out.',
  },
  TRANSACTION_MALFORMED: {
    message: 'The transaction is malformed: {reason}.',
    hint: 'Make it with arweave.createTransaction and post its JSON.',
  },
  TRANSACTION_NOT_SIGNED: {
    message: "The signature of transaction {id} is not its owner's.",
    hint: 'Sign it last; change nothing afterwards.',
  },
  UPSTREAM_AWAY: {
    message: 'The gateway {url} does not answer: {reason}.',
    hint: 'Start it, or check its address.',
  },
  UPSTREAM_BALANCE_TOO_LOW: {
    message:
      'The wallet {address} has {balance} winston on {url}, the next transaction costs {cost}.',
    hint: 'Send AR to that wallet: what waits is posted then.',
  },
  UPSTREAM_DEAR: {
    message: 'The gateway {url} asks {cost} winston for {bytes} bytes, the limit is {limit}.',
    hint: 'Nothing is paid. Ask another gateway for the price, and post to it.',
  },
  UPSTREAM_LOST: {
    message: 'The gateway {url} no longer has {transaction}, which was posted to it last.',
    hint:
      'A gateway for tests gets everything anew. Another one may be behind: what waits is posted ' +
      'when it has that. Or give the URL of another gateway: what that one lacks is posted to it.',
  },
  UPSTREAM_REFUSED: {
    message: 'The gateway {url} refuses {what} with {status}: {reason}.',
    hint: 'See what the gateway wants; it must have the routes of an Arweave gateway.',
  },
  UPSTREAM_TOO_LARGE: {
    message: 'The answer of the gateway {url} to {path} is longer than {limit} bytes.',
    hint: 'Nothing of it was stored. Data of that size cannot be read through.',
  },
  UPSTREAM_UNTRUE: {
    message: 'What the gateway {url} answers for {id} is not true: {reason}.',
    hint: 'Nothing of it was stored. Signatures are of RSA-4096 (type 1) or Ed25519 (type 2) keys.',
  },
  UPSTREAM_WALLET_MISSING: {
    message: 'Nothing is posted to {url}: its network is {network}, and there is no wallet to pay.',
    hint: 'Give the key file of a wallet that has AR there: --gateway-key FILE.',
  },
  WALLET_UNKNOWN: {
    message: 'There is no dev wallet "{name}".',
    hint: 'Choose one of: {known}.',
  },
} as const;

export type ArlocalErrorCode = keyof typeof TABLE;
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** Something could not be stored or found. Catch it by `code`. */
export class ArlocalError extends Error {
  override readonly name = 'ArlocalError';
  readonly code: ArlocalErrorCode;
  readonly details: ErrorDetails;
  readonly hint: string;

  constructor(code: ArlocalErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fill(TABLE[code].message, details), options);
    this.code = code;
    this.details = details;
    this.hint = fill(TABLE[code].hint, details);
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}
