/** `@20minutes/s3rver` has no types of its own: this is the part of it that the tests use. */
declare module '@20minutes/s3rver' {
  import type { Server } from 'node:http';
  import type { AddressInfo } from 'node:net';

  export default class S3rver {
    /** The server, once it runs. */
    readonly httpServer: Server;
    /** Koa's, the router last. */
    readonly middleware: ((
      context: { path: string; state: { vhost?: boolean }; mountPath?: string },
      next: () => Promise<unknown>,
    ) => Promise<unknown>)[];
    constructor(options: {
      address: string;
      port: number;
      directory: string;
      silent: boolean;
      /** Whether a bucket's name may stand in the host's place. */
      vhostBuckets: boolean;
      configureBuckets: readonly { name: string }[];
    });
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  }
}
