// @ts-check
/*
 * A process of its own: an S3 server with one bucket in memory, which prints its address when it listens.
 *
 *     node bucket.js [lines]
 *
 * s3rver, which the tests go by, checks each signature and writes three files for each object: it takes some 5 ms of processor time for one of 100 KB,
 * more than all that is measured here. This one does what a client waits for and can check: it reads the body, hashes it (the MD5 is the ETag), and
 * keeps what it must say of it later. The bytes of recordings it throws away. It knows the requests that this tool, rclone and the AWS command
 * line make, conditional writes among them, and believes whoever asks.
 *
 * With `lines` it holds an archive of so many recordings below `million/`, which nobody has to upload: the pieces of its manifest, and a listing of
 * its objects.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { madeUpArchive } from './made-up-archive.js';

/** @typedef {{ etag: string, bytes: number, at: Date, headers: Record<string, string>, body?: Buffer }} Stored */
/** @typedef {{ key: string, headers: Record<string, string>, parts: Map<number, { etag: string, bytes: number }> }} Upload */

/** @type {Map<string, Stored>} */
const objects = new Map();
/** @type {Map<string, Upload>} */
const uploads = new Map();
const archive = madeUpArchive(Number(process.argv[2] ?? 0));

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', 'http://store');
  const hash = createHash('md5');
  /** @type {Buffer[]} */
  const pieces = [];
  let bytes = 0;
  const isKept = request.method === 'POST' || !url.pathname.endsWith('.wav');
  request.on('data', (/** @type {Buffer} */ piece) => {
    hash.update(piece);
    bytes += piece.length;
    if (isKept) pieces.push(piece);
  });
  request.on('end', () =>
    answer({ request, response, url, md5: hash.digest('hex'), bytes, body: isKept ? Buffer.concat(pieces) : undefined }),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}\n`);
});
// Whoever started it has ended.
process.stdin.resume().once('end', () => process.exit(0));

/**
 * @typedef {object} Asked
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {URL} url
 * @property {string} md5 of the body
 * @property {number} bytes
 * @property {Buffer | undefined} body undefined for a recording's
 */

/** @param {Asked} asked */
function answer(asked) {
  const { request, response, url } = asked;
  const [, , ...rest] = url.pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  if (key === '') {
    if (request.method === 'GET') list(response, url.searchParams);
    else response.writeHead(200).end();
    return;
  }
  switch (request.method) {
    case 'PUT':
      if (url.searchParams.has('partNumber')) putPart(asked);
      else put(asked, key);
      return;
    case 'POST':
      if (url.searchParams.has('uploads')) begin(asked, key);
      else complete(asked, key);
      return;
    case 'DELETE':
      if (url.searchParams.has('uploadId')) uploads.delete(url.searchParams.get('uploadId') ?? '');
      else objects.delete(key);
      response.writeHead(204).end();
      return;
    default:
      get(asked, key);
  }
}

/**
 * @param {Asked} asked
 * @param {string} key
 */
function put({ request, response, md5, bytes, body }, key) {
  if (isInTheWay(request.headers, key)) return refuse(response, 412, 'PreconditionFailed');
  const etag = `"${md5}"`;
  objects.set(key, { etag, bytes, at: new Date(), headers: keptOf(request.headers), ...(body && { body }) });
  response.writeHead(200, { ETag: etag, 'Content-Length': 0 }).end();
}

/**
 * @param {Asked} asked
 * @param {string} key
 */
function begin({ request, response }, key) {
  const id = `upload-${uploads.size}-${Date.now()}-${Math.random()}`;
  uploads.set(id, { key, headers: keptOf(request.headers), parts: new Map() });
  xml(response, `<InitiateMultipartUploadResult><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
}

/** @param {Asked} asked */
function putPart({ response, url, md5, bytes }) {
  const upload = uploads.get(url.searchParams.get('uploadId') ?? '');
  if (upload === undefined) return refuse(response, 404, 'NoSuchUpload');
  upload.parts.set(Number(url.searchParams.get('partNumber')), { etag: md5, bytes });
  response.writeHead(200, { ETag: `"${md5}"`, 'Content-Length': 0 }).end();
}

/**
 * @param {Asked} asked
 * @param {string} key
 */
function complete({ request, response, url }, key) {
  const id = url.searchParams.get('uploadId') ?? '';
  const upload = uploads.get(id);
  if (upload === undefined) return refuse(response, 404, 'NoSuchUpload');
  if (isInTheWay(request.headers, key)) return refuse(response, 412, 'PreconditionFailed');
  uploads.delete(id);
  const parts = [...upload.parts.values()];
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(etag, 'hex');
  const etag = `"${hash.digest('hex')}-${parts.length}"`;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  objects.set(key, { etag, bytes, at: new Date(), headers: upload.headers });
  xml(response, `<CompleteMultipartUploadResult><Key>${escaped(key)}</Key><ETag>${escaped(etag)}</ETag></CompleteMultipartUploadResult>`);
}

/**
 * @param {Asked} asked
 * @param {string} key
 */
function get({ request, response }, key) {
  const stored = objects.get(key) ?? archive.object(key);
  if (stored === undefined) return refuse(response, 404, 'NoSuchKey');
  // A check of a made-up archive ends here: asking for each of its objects would measure this server.
  if (!objects.has(key) && stored.body === undefined) return refuse(response, 403, 'AccessDenied');
  const { etag, bytes, at, headers, body } = stored;
  const head = { ...headers, ETag: etag, 'Content-Length': bytes, 'Last-Modified': at.toUTCString() };
  if (request.method === 'HEAD') response.writeHead(200, head).end();
  // Nobody is to take nothing for a recording.
  else if (body === undefined) refuse(response, 501, 'NotImplemented');
  else response.writeHead(200, head).end(body);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {URLSearchParams} query
 */
function list(response, query) {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = Number(query.get('max-keys') ?? 1000);
  const from = Number(query.get('continuation-token') ?? 0);
  const { page, isLast } = archive.holds(prefix) ? archive.list(prefix, from, most) : listStored(prefix, from, most);
  /** @type {Set<string>} */
  const folders = new Set();
  const contents = page.flatMap(({ key, bytes, etag, at }) => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end >= 0) folders.add(key.slice(0, end + 1));
    if (end >= 0) return [];
    const told = `<ETag>${escaped(etag)}</ETag><Size>${bytes}</Size><StorageClass>STANDARD</StorageClass>`;
    return `<Contents><Key>${escaped(key)}</Key><LastModified>${at.toISOString()}</LastModified>${told}</Contents>`;
  });
  const common = [...folders].map((folder) => `<CommonPrefixes><Prefix>${escaped(folder)}</Prefix></CommonPrefixes>`);
  const next = isLast ? '' : `<NextContinuationToken>${from + page.length}</NextContinuationToken>`;
  const told = `<IsTruncated>${!isLast}</IsTruncated><KeyCount>${contents.length}</KeyCount>${next}`;
  xml(response, `<ListBucketResult><Name>recordings</Name>${told}${contents.join('')}${common.join('')}</ListBucketResult>`);
}

/**
 * @param {string} prefix
 * @param {number} from
 * @param {number} most
 */
function listStored(prefix, from, most) {
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const page = keys.slice(from, from + most).map((key) => ({ key, .../** @type {Stored} */ (objects.get(key)) }));
  return { page, isLast: from + most >= keys.length };
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string} key
 */
function isInTheWay(headers, key) {
  const { 'if-none-match': none, 'if-match': match } = headers;
  const etag = objects.get(key)?.etag;
  return (none === '*' && etag !== undefined) || (match !== undefined && match !== etag);
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function keptOf(headers) {
  const kept = Object.entries(headers).filter(([name]) => name === 'content-type' || name.startsWith('x-amz-meta-'));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} code
 */
function refuse(response, status, code) {
  response.writeHead(status, { 'Content-Type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} text
 */
function xml(response, text) {
  response.writeHead(200, { 'Content-Type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
