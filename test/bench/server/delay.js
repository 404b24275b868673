// @ts-check
import { Agent, request } from 'node:http';
import { API_KEY, SID } from './nginx-config.js';

const ROUNDS = 20;

/**
 * How late the idle service answers so many askers at once, in milliseconds: the mean over some rounds, each asker on a connection of its
 * own. It shows whether the server's delay is what it is said to be, and stays so for many.
 *
 * @param {{ baseUrl: string, ids: readonly string[] }} job
 * @param {number} askers
 */
export async function delayAt({ baseUrl, ids }, askers) {
  const agent = new Agent({ keepAlive: true });
  const url = `${baseUrl}/${SID}/voice/recordings?id=${ids[0]}`;
  const round = () => Promise.all(Array.from({ length: askers }, () => ask(url, agent)));
  await round();
  const startedAt = performance.now();
  for (let count = 0; count < ROUNDS; count += 1) await round();
  const ms = (performance.now() - startedAt) / ROUNDS;
  agent.destroy();
  return ms;
}

/**
 * @param {string} url
 * @param {Agent} agent
 * @returns {Promise<void>}
 */
function ask(url, agent) {
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers: { 'api-key': API_KEY } }, (response) => {
      if (response.statusCode !== 301) reject(new Error(`The bench's own server answered ${response.statusCode}.`));
      response.resume().once('end', resolve);
    })
      .once('error', reject)
      .end();
  });
}
