import type { Act } from './fault-server.ts';

const JSON_TYPE = 'application/json';

/** The ordinary answer: the redirect to a new link where `download=1` was asked for, else JSON with it. */
export function giveLink(link?: (ordinary: string) => string): Act {
  return ({ asked, response, server }) => {
    const ordinary = server.makeLink(asked.id);
    const to = link?.(ordinary) ?? ordinary;
    const sent = new URLSearchParams(`${asked.target.split('?')[1] ?? ''}&${asked.body}`);
    if (sent.get('download') === '1') response.writeHead(301, { Location: to, 'Content-Length': 0 }).end();
    else response.writeHead(200, { 'Content-Type': JSON_TYPE }).end(JSON.stringify(success(to)));
  };
}

/** A link that has expired already. */
export function giveExpiredLink(): Act {
  const give = giveLink();
  return async (turn) => {
    await give(turn);
    turn.server.expireLinks(turn.asked.id);
  };
}

/** Any status, with any headers and body. */
export function answer(status: number, headers: Record<string, string> = {}, body = ''): Act {
  return ({ response }) => void response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers }).end(body);
}

/** A failure printed as the documentation's page prints it: not JSON, as its list holds pairs. */
export function documentedFailure(message: string, status: number): Act {
  return ({ asked, response }) => {
    const body = `{
  "code": "RBC31XX",
  "message": "${message}",
  "data": [
    "id" : ${JSON.stringify(asked.id)},
    "validity" : "5",
    "download" : "1"
  ],
    "error": {
      "id": "${message}"
  }
}
`;
    response.writeHead(status, { 'Content-Type': JSON_TYPE }).end(body);
  };
}

/** The JSON answer with a link, cut off in its middle although its length was announced. */
export function cutAnswer(): Act {
  return ({ asked, response, server }) => {
    const body = JSON.stringify(success(server.makeLink(asked.id)));
    response.writeHead(200, { 'Content-Type': JSON_TYPE, 'Content-Length': body.length });
    response.write(body.slice(0, body.length / 2), () => response.socket?.end());
  };
}

/** Nothing, for as long as the client waits. */
export function silence(): Act {
  return () => {};
}

/** The connection is reset before a byte of an answer. */
export function hangUp(): Act {
  return ({ response }) => void response.socket?.resetAndDestroy();
}

/** Something that is not HTTP. */
export function nonsense(): Act {
  return ({ response }) => void response.socket?.end('220 mail.example ESMTP ready\r\n');
}

function success(link: string) {
  return { code: 'RBC3000', message: 'Request successfully executed!', data: { link }, error: {} };
}
