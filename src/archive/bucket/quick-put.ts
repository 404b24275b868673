import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/protocols';
import type { EndpointV2, HttpHandlerOptions, HttpResponse } from '@smithy/types';

/** An object to be stored whole, as the API calls its parts. */
export type QuickObject = Omit<PutObjectCommandInput, 'Body'> & { Key: string; Body: Uint8Array; ChecksumSHA256: string };

/** What the store answers to one. */
export interface QuickAnswer {
  status: number;
  etag: string | undefined;
  checksum: string | undefined;
}

/** What the SDK has found out for its own request to the same bucket. */
interface Way {
  endpoint: EndpointV2;
  headers: Record<string, string>;
  signer: Promise<{ sign(request: HttpRequest, how: { signingDate: Date }): Promise<unknown> }>;
}

/** Headers that are the same in each request. */
const COMMON = ['host', 'user-agent', 'x-amz-user-agent'];

/** Characters that a path has as they are, beside those that `encodeURIComponent` leaves; AWS's "UriEncode". */
const ALSO_ENCODED = /[!'()*]/gu;

/**
 * Stores objects without most of what the SDK does for each: of the processor time of a small recording it took a third, most of it to turn a dozen
 * headers into objects and back. The SDK's first request shows the way: endpoint, region and scheme of the signature. The later ones are made here
 * and signed and sent by the SDK's own parts. What is not answered as it should be is the SDK's again, with its retries and its reading of errors.
 */
export class QuickPut {
  readonly #client: S3Client;
  #way: Way | undefined;

  constructor(client: S3Client) {
    this.#client = client;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args);
        if (this.#way === undefined && context.commandName === 'PutObjectCommand') this.#learn(context.endpointV2, args.request);
        return answer;
      },
      { name: 'quickPut', step: 'finalizeRequest' },
    );
  }

  /** Sends it once. Undefined where the way is not known yet. Throws what the sending does. */
  async send(object: QuickObject): Promise<QuickAnswer | undefined> {
    if (this.#way === undefined) return undefined;
    const { endpoint, headers, signer } = this.#way;
    const { protocol, hostname, port, pathname } = endpoint.url;
    const request = new HttpRequest({
      method: 'PUT',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: `${pathname.replace(/\/$/u, '')}/${object.Key.split('/').map(encoded).join('/')}`,
      query: { 'x-id': 'PutObject' },
      headers: { ...headers, ...headersOf(object), 'content-length': String(object.Body.length) },
      body: object.Body,
    });
    const { config } = this.#client;
    const signed = await (await signer).sign(request, { signingDate: new Date(Date.now() + config.systemClockOffset) });
    const { response } = await config.requestHandler.handle(signed as HttpRequest, {} as HttpHandlerOptions);
    // The connection is free for the next one when this is read.
    (response as HttpResponse).body?.resume?.();
    const { etag, 'x-amz-checksum-sha256': checksum } = response.headers as Record<string, string | undefined>;
    return { status: response.statusCode, etag, checksum };
  }

  #learn(endpoint: EndpointV2 | undefined, request: unknown): void {
    const scheme = endpoint?.properties?.authSchemes?.[0];
    // Other schemes sign by more than the credentials, or for several regions.
    if (endpoint === undefined || scheme?.name !== 'sigv4' || !HttpRequest.isInstance(request)) return;
    const headers = Object.entries(request.headers).filter(([name]) => COMMON.includes(name.toLowerCase()));
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's type wants what it fills in itself
    const signer = this.#client.config.signer(scheme as any) as unknown as Way['signer'];
    this.#way = { endpoint, headers: Object.fromEntries(headers), signer };
  }
}

/** As "PutObject" in S3's API reference has them. */
function headersOf(object: QuickObject): Record<string, string> {
  const named = {
    'content-type': object.ContentType,
    'if-match': object.IfMatch,
    'if-none-match': object.IfNoneMatch,
    'x-amz-checksum-sha256': object.ChecksumSHA256,
    'x-amz-content-sha256': Buffer.from(object.ChecksumSHA256, 'base64').toString('hex'),
    'x-amz-server-side-encryption': object.ServerSideEncryption,
    'x-amz-server-side-encryption-aws-kms-key-id': object.SSEKMSKeyId,
    'x-amz-storage-class': object.StorageClass,
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(named)) if (value !== undefined) headers[name] = value;
  for (const [name, value] of Object.entries(object.Metadata ?? {})) headers[`x-amz-meta-${name}`] = value;
  return headers;
}

function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(ALSO_ENCODED, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
