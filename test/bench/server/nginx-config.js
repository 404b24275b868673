// @ts-check

/** Who asks, as the real ones look. */
export const SID = 'HXIN1707324291IN';
export const API_KEY = 'A0123456789abcdef0123456789abcdef';

/**
 * What nginx is to serve, and where. A site is a service and its store, each on a port of its own, as two hosts would be.
 *
 * @typedef {object} ServerPlan
 * @property {string} folder the server's own folder, where it may write
 * @property {string} objects the folder with the files of `writeObjects`
 * @property {{ name: string, md5: string }[]} digests of those files
 * @property {string} jsModule the path of ngx_http_js_module.so
 * @property {string} latencyScript the path of latency.js
 * @property {string | undefined} user whom the workers run as; undefined for who starts it
 * @property {Site} site answers at once
 * @property {Site & { latencyMs: number }} delayedSite answers late, on each of its two legs
 * @property {Site & { linkedStorePort: number }} tlsSite speaks TLS, with certificate.pem and key.pem of `folder`; its links name another port
 */

/** @typedef {{ servicePort: number, storePort: number }} Site */

/**
 * nginx as the service and the store.
 *
 * - `/v1/<SID>/voice/recordings?id=…` answers 301 with the link, whatever the method: aria2c can only GET.
 * - `/json/<SID>/…` answers with the link as JSON, what `download=0` asks for. It is a path of its own because `return`, by far the fastest
 *   answer that nginx has, cannot see the form.
 * - The store's ETag is the MD5 of the bytes, as S3's is, in place of nginx's own: what is measured includes the proof by MD5.
 *
 * @param {ServerPlan} plan
 */
export function nginxConfig(plan) {
  const { folder, objects, digests, site, delayedSite, tlsSite } = plan;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path "${folder}/${name}";`);
  return `
daemon off;
${plan.user === undefined ? '' : `user ${plan.user};`}
worker_processes 2;
pid "${folder}/nginx.pid";
error_log "${folder}/error.log" warn;
load_module "${plan.jsModule}";
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join(' ')}
  types { audio/wav wav; }
  sendfile on;
  tcp_nopush on;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  js_import latency from "${plan.latencyScript}";
  map_hash_max_size 4096;
  map "$size/$kind" $md5 {
    ${digests.map(({ name, md5 }) => `"${name}" '"${md5}"';`).join('\n    ')}
  }

  server {
    listen 127.0.0.1:${site.servicePort} backlog=1024;
    ${refuseOtherKeys}
    location = /v1/${SID}/voice/recordings { return 301 "${linkTo(site.storePort)}"; }
    location = /json/${SID}/voice/recordings {
      default_type application/json;
      return 200 '{"code": "RBC3001", "message": "Request successfully executed!", "data": {"link": "${linkTo(site.storePort)}"}, "error": {}}';
    }
  }
  server {
    listen 127.0.0.1:${site.storePort} backlog=1024;
    location ~ ${objectPath('')} { ${objectAt(objects)} }
  }

  server {
    listen 127.0.0.1:${delayedSite.servicePort} backlog=1024;
    ${refuseOtherKeys}
    set $latency ${delayedSite.latencyMs};
    set $link "${linkTo(delayedSite.storePort)}";
    location = /v1/${SID}/voice/recordings { js_content latency.redirect; }
  }
  server {
    listen 127.0.0.1:${delayedSite.storePort} backlog=1024;
    set $latency ${delayedSite.latencyMs};
    location ^~ /bucket/ { js_content latency.object; }
    location ~ ${objectPath('/now')} { internal; ${objectAt(objects)} }
  }

  ssl_certificate "${folder}/certificate.pem";
  ssl_certificate_key "${folder}/key.pem";
  server {
    listen 127.0.0.1:${tlsSite.servicePort} ssl backlog=1024;
    ${refuseOtherKeys}
    location = /v1/${SID}/voice/recordings { return 301 "${linkTo(tlsSite.linkedStorePort, 'https')}"; }
  }
  server {
    listen 127.0.0.1:${tlsSite.storePort} ssl backlog=1024;
    location ~ ${objectPath('')} { ${objectAt(objects)} }
  }
}
`;
}

const refuseOtherKeys = `if ($http_api_key != "${API_KEY}") { return 401; }`;

/**
 * A link as long as S3's are, signed now and for a day: nobody checks the signature, but a client may look at when the link ends.
 *
 * @param {number} storePort
 * @param {'http' | 'https'} [scheme]
 */
function linkTo(storePort, scheme = 'http') {
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F${now.slice(0, 8)}%2Fap-south-1%2Fs3%2Faws4_request`,
    `X-Amz-Date=${now}`,
    'X-Amz-Expires=86400',
    'X-Amz-SignedHeaders=host',
    `X-Amz-Signature=${'0123456789abcdef'.repeat(4)}`,
  ].join('&');
  return `${scheme}://127.0.0.1:${storePort}/bucket/$arg_id.wav?${query}`;
}

/** @param {string} prefix */
function objectPath(prefix) {
  return `"^${prefix}/bucket/(?<size>[0-9]+[km])x[0-9]*(?<kind>[0-9][0-9])\\.wav$"`;
}

/** @param {string} objects */
function objectAt(objects) {
  // As add_header, ETag takes the place of nginx's own, also where If-Match is judged.
  return `alias "${objects}/$size/$kind.wav"; etag off; add_header ETag $md5;`;
}
