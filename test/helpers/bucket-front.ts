import { createHash } from 'node:crypto';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request to the store, as a rule that makes faults sees it. */
export interface StoreRequest {
  /** S3's name of the operation, `PutObject` for instance. */
  operation: string;
  bucket: string;
  key: string;
  headers: IncomingHttpHeaders;
  query: URLSearchParams;
  bytes: number;
  /** How many requests of this operation there were, this one included. */
  nth: number;
}

/** An error as S3 answers it. */
export interface StoreRefusal {
  status: number;
  code: string;
  message?: string;
  headers?: Record<string, string>;
  /** What is answered in place of the error: a store that lies. */
  body?: string | Uint8Array;
}

/** An answer that is no error of S3's. */
export interface StoreAnswer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** What a rule makes of a request: a refusal or another answer, a connection that breaks before the store has done it (`reset`) or after, or a wait. */
export type Fault = StoreRefusal | StoreAnswer | 'reset' | 'reset-after' | Promise<void> | undefined;

/** A right that a policy gives: an IAM action, for the keys that match. */
export interface Right {
  action: string;
  keys?: RegExp;
}

/** What IAM calls the right for each operation; "Required permissions for Amazon S3 API operations" in S3's user guide. */
const ACTIONS: Readonly<Record<string, string>> = {
  PutObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  DeleteObject: 's3:DeleteObject',
  ListObjectsV2: 's3:ListBucket',
};

const LISTS = 's3:ListBucket';
const READS: ReadonlySet<string> = new Set(['GetObject', 'HeadObject']);

const NOT_THERE: StoreRefusal = { status: 404, code: 'NoSuchUpload' };
const STANDS_THERE: StoreRefusal = { status: 412, code: 'PreconditionFailed' };
const CONFLICT: StoreRefusal = { status: 409, code: 'ConditionalRequestConflict' };
const OTHER_BYTES: StoreRefusal = { status: 400, code: 'BadDigest' };

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * A server before an S3 server that lacks some of what Amazon's does. It answers conditional writes as Amazon documents them ("Conditional requests" in S3's
 * user guide): 412 where an object stands there, 409 where another write to the key is under way. It checks and keeps SHA-256 checksums ("Checking
 * object integrity"), those of parts too, and throws uploads away. All else the server behind it does, signatures included.
 */
export class BucketFront {
  /** All requests, in their order. */
  readonly requests: StoreRequest[] = [];
  /** Asked at each request; the first one that has an answer makes the fault. */
  readonly rules: ((request: StoreRequest) => Fault | Promise<Exclude<Fault, Promise<void>>>)[] = [];
  /**
   * The rights that a policy gives, where it gives only some: actions, each for the keys that match; of a listing, the prefix. Who may not list
   * an object's name is not told that it is missing: that is a refusal, too.
   */
  rights: readonly Right[] | undefined;
  /** Each is handed what the store has answered to a request, as text, and gives what is answered in its place. */
  readonly edits: ((request: StoreRequest, answer: string) => string)[] = [];
  /** How many objects a page of a listing has, where it is fewer than the thousand of S3. */
  pageSize: number | undefined;
  /** Whether the keys of a listing are encoded where that is asked for; some stores take no notice. */
  encodesKeys = true;
  /** Whether it knows conditions; else it refuses them, as some stores do. */
  isConditional = true;
  readonly #behind: { host: string; port: number };
  readonly #server: Server;
  readonly #counts = new Map<string, number>();
  /** Each is that of the object with this ETag: what was put there by another way has none. */
  readonly #checksums = new Map<string, { checksum: string; etag: string | undefined }>();
  readonly #uploads = new Map<string, { key: string; parts: Map<number, string>; hasChecksums: boolean }>();
  /** Keys that are being written to under a condition. */
  readonly #writing = new Set<string>();

  private constructor(behind: { host: string; port: number }) {
    this.#behind = behind;
    this.#server = createServer((incoming, response) => {
      this.#answer(incoming, response).catch(() => response.destroy());
    });
  }

  static async start(behind: { host: string; port: number }): Promise<BucketFront> {
    const front = new BucketFront(behind);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The keys of uploads in parts that were begun and neither completed nor thrown away. */
  get openUploads(): string[] {
    return [...this.#uploads.values()].map(({ key }) => key);
  }

  /** How many requests of an operation there were, for keys that match. */
  count(operation: string, keys = /(?:)/u): number {
    return this.requests.filter((request) => request.operation === operation && keys.test(request.key)).length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const asked = this.#asked(incoming, body.length);
    const fault = this.#rightFor(asked) ?? (await this.#fault(asked));
    if (fault === 'reset') return void incoming.socket.destroy();
    const done = fault === undefined || fault === 'reset-after' ? await this.#do(asked, incoming, body) : fault;
    const isMissing = done.status === 404 && READS.has(asked.operation);
    const answered: Answered | StoreAnswer | StoreRefusal = isMissing && !this.#has(LISTS, asked.key) ? refusalOf(LISTS) : done;
    if (fault === 'reset-after') return void incoming.socket.destroy();
    if ('code' in answered) return refuse(response, answered);
    const { connection: _, 'content-length': __, ...headers } = answered.headers ?? {};
    const isEdited = fault === undefined && incoming.method !== 'HEAD';
    const text = isEdited ? this.edits.reduce((whole, edit) => edit(asked, whole), answered.body.toString('latin1')) : undefined;
    const answer = text === undefined ? answered.body : Buffer.from(text, 'latin1');
    const length = incoming.method === 'HEAD' ? answered.headers?.['content-length'] : String(answer.length);
    response.writeHead(answered.status, { ...headers, ...(length !== undefined && { 'content-length': length }) });
    response.end(incoming.method === 'HEAD' ? undefined : answer);
  }

  #asked({ method = '', url = '', headers }: IncomingMessage, bytes: number): StoreRequest {
    const { pathname, searchParams: query } = new URL(url, 'http://store');
    const [, bucket = '', ...rest] = pathname.split('/');
    const key = decodeURIComponent(rest.join('/'));
    const operation = operationOf(method, key, query, headers);
    const nth = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, nth);
    const asked = { operation, bucket, key, headers, query, bytes, nth };
    this.requests.push(asked);
    return asked;
  }

  #rightFor({ operation, key, query }: StoreRequest): StoreRefusal | undefined {
    const action = ACTIONS[operation] ?? operation;
    return this.#has(action, action === LISTS ? (query.get('prefix') ?? '') : key) ? undefined : refusalOf(action);
  }

  #has(action: string, key: string): boolean {
    return this.rights === undefined || this.rights.some((right) => right.action === action && (right.keys?.test(key) ?? true));
  }

  async #fault(asked: StoreRequest): Promise<Exclude<Fault, Promise<void>>> {
    for (const rule of this.rules) {
      const fault = await rule(asked);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  async #do(asked: StoreRequest, incoming: IncomingMessage, body: Buffer): Promise<Answered | StoreRefusal> {
    const { operation, headers } = asked;
    const told = headers['x-amz-checksum-sha256'];
    if (told !== undefined && sha256Of(body) !== told) return OTHER_BYTES;
    switch (operation) {
      case 'AbortMultipartUpload':
        return this.#uploads.delete(uploadOf(asked)) ? { status: 204, headers: {}, body: Buffer.alloc(0) } : NOT_THERE;
      case 'PutObject':
      case 'CompleteMultipartUpload':
        return this.#write(asked, incoming, body);
      case 'HeadObject':
      case 'GetObject': {
        const answered = await this.#forward(incoming, body);
        const kept = this.#checksums.get(at(asked));
        const checksum = kept?.etag === answered.headers.etag ? kept?.checksum : undefined;
        const isWanted = headers['x-amz-checksum-mode'] === 'ENABLED' && headers.range === undefined && answered.status === 200;
        return checksum !== undefined && isWanted
          ? { ...answered, headers: { ...answered.headers, 'x-amz-checksum-sha256': checksum } }
          : answered;
      }
      case 'ListObjectsV2':
        return this.#list(asked, incoming, body);
      default: {
        const answered = await this.#forward(incoming, body);
        if (answered.status < 300) this.#noteUpload(asked, body, answered.body);
        return answered;
      }
    }
  }

  /** A listing, in pages and with its keys encoded, neither of which the server behind does. */
  async #list(asked: StoreRequest, incoming: IncomingMessage, body: Buffer): Promise<Answered> {
    const answered = await (this.pageSize === undefined ? this.#forward(incoming, body) : this.#listFrom(asked));
    if (answered.status !== 200) return answered;
    let text = answered.body.toString();
    const objects = [...text.matchAll(/<Contents>.*?<\/Contents>/gsu)].map(([object]) => object);
    const page = objects.slice(0, this.pageSize);
    if (page.length < objects.length) {
      const token = Buffer.from(keyOf(page.at(-1) ?? '')).toString('base64url');
      for (const object of objects.slice(page.length)) text = text.replace(object, '');
      text = text.replace(
        /<IsTruncated>false<\/IsTruncated>/u,
        `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`,
      );
    }
    if (this.encodesKeys && asked.query.get('encoding-type') === 'url') {
      text = text.replace(/<EncodingType>.*?<\/EncodingType>/u, '').replace('</Name>', '</Name><EncodingType>url</EncodingType>');
      text = text.replace(/<Key>.*?<\/Key>/gsu, (object) => `<Key>${encodeKey(keyOf(object))}</Key>`);
    }
    return { ...answered, body: Buffer.from(text) };
  }

  /** All that comes after what a token stands for. A signature covers the address; the server behind lets anybody list. */
  #listFrom({ bucket, query }: StoreRequest): Promise<Answered> {
    const asked = new URLSearchParams(query);
    const token = query.get('continuation-token');
    asked.delete('continuation-token');
    if (token !== null) asked.set('start-after', Buffer.from(token, 'base64url').toString());
    return this.#send({ method: 'GET', path: `/${bucket}/?${asked}` }, Buffer.alloc(0));
  }

  async #write(asked: StoreRequest, incoming: IncomingMessage, body: Buffer): Promise<Answered | StoreRefusal> {
    const { operation, headers } = asked;
    const ifNoneMatch = headers['if-none-match'];
    const ifMatch = headers['if-match'];
    const isConditional = ifNoneMatch !== undefined || ifMatch !== undefined;
    const place = at(asked);
    if (isConditional && !this.isConditional) return { status: 501, code: 'NotImplemented' };
    if (isConditional && this.#writing.has(place)) return CONFLICT;
    this.#writing.add(place);
    try {
      const etag = isConditional ? await this.#etagOf(asked) : undefined;
      if ((ifNoneMatch === '*' && etag !== undefined) || (ifMatch !== undefined && ifMatch !== etag)) return STANDS_THERE;
      const answered = await this.#forward(incoming, body);
      if (answered.status !== 200) return answered;
      const upload = this.#uploads.get(uploadOf(asked));
      this.#uploads.delete(uploadOf(asked));
      const whole = headers['x-amz-checksum-sha256'];
      const checksum =
        operation === 'PutObject' ? (Array.isArray(whole) ? whole[0] : whole) : upload?.hasChecksums && ofParts(upload.parts);
      if (checksum) this.#checksums.set(place, { checksum, etag: await this.#etagOf(asked) });
      else this.#checksums.delete(place);
      return answered;
    } finally {
      this.#writing.delete(place);
    }
  }

  #noteUpload(asked: StoreRequest, body: Buffer, answer: Buffer): void {
    if (asked.operation === 'CreateMultipartUpload') {
      const id = /<UploadId>([^<]+)</u.exec(answer.toString())?.[1] ?? '';
      this.#uploads.set(id, { key: asked.key, parts: new Map(), hasChecksums: asked.headers['x-amz-checksum-algorithm'] === 'SHA256' });
    } else if (asked.operation === 'UploadPart') {
      this.#uploads.get(uploadOf(asked))?.parts.set(Number(asked.query.get('partNumber')), sha256Of(body));
    }
  }

  #forward(incoming: IncomingMessage, body: Buffer): Promise<Answered> {
    const { expect: _, 'transfer-encoding': __, ...headers } = incoming.headers;
    const { method = '', url = '' } = incoming;
    const reads = incoming.method === 'GET' || incoming.method === 'HEAD';
    return this.#send({ method, path: url, headers: { ...headers, ...(!reads && { 'content-length': body.length }) } }, body);
  }

  /** The ETag of what stands under a key, asked for as anybody: the server behind lets them read. */
  async #etagOf({ bucket, key }: StoreRequest): Promise<string | undefined> {
    const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const { status, headers } = await this.#send({ method: 'HEAD', path }, Buffer.alloc(0));
    return status === 200 ? headers.etag : undefined;
  }

  #send(options: RequestOptions, body: Buffer): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const onward = httpRequest({ ...this.#behind, ...options }, (response) => {
        const answered = (read: Buffer) => resolve({ status: response.statusCode ?? 500, headers: response.headers, body: read });
        buffer(response).then(answered, reject);
      });
      onward.on('error', reject);
      onward.end(body);
    });
  }
}

function refusalOf(action: string): StoreRefusal {
  return { status: 403, code: 'AccessDenied', message: `User is not authorized to perform: ${action}` };
}

function at({ bucket, key }: StoreRequest): string {
  return `${bucket}/${key}`;
}

function uploadOf({ query }: StoreRequest): string {
  return query.get('uploadId') ?? '';
}

function operationOf(method: string, key: string, query: URLSearchParams, headers: IncomingHttpHeaders): string {
  if (key === '') return method === 'GET' && query.get('list-type') === '2' ? 'ListObjectsV2' : `${method} of the bucket`;
  switch (method) {
    case 'POST':
      return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
    case 'PUT':
      if (query.has('partNumber')) return 'UploadPart';
      return headers['x-amz-copy-source'] === undefined ? 'PutObject' : 'CopyObject';
    case 'DELETE':
      return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'HEAD':
      return 'HeadObject';
    default:
      return 'GetObject';
  }
}

/** The key in an entry of a listing, which the server behind escapes twice. */
function keyOf(object: string): string {
  const [, key = ''] = /<Key>(.*?)<\/Key>/su.exec(object) ?? [];
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const once = (text: string) =>
    text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/giu, (_, hex, dec, name) =>
      hex || dec ? String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(dec)) : (named[name] ?? ''),
    );
  return once(once(key));
}

/** As S3 encodes a key in a listing: a form's value, with its slashes. */
function encodeKey(key: string): string {
  return key
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%20', '+'))
    .join('/');
}

function sha256Of(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64');
}

/** S3's checksum of an object in parts: the hash of the parts' hashes, and how many there are. */
function ofParts(parts: ReadonlyMap<number, string>): string {
  const hash = createHash('sha256');
  for (const [, part] of [...parts].sort(([one], [other]) => one - other)) hash.update(Buffer.from(part, 'base64'));
  return `${hash.digest('base64')}-${parts.size}`;
}

function refuse(response: ServerResponse, { status, code, message = code, headers = {}, body }: StoreRefusal): void {
  response.writeHead(status, { 'Content-Type': 'application/xml', ...headers });
  response.end(body ?? `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}
