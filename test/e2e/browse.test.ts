import { appendFile, chmod, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { type Archived, toneWav, writeArchive } from '../helpers/archive.ts';
import { noBrowser, startBrowser } from '../helpers/browser.ts';
import { EVENTUALLY_MS, eventually } from '../helpers/eventually.ts';
import { it, type Tool } from '../helpers/tool-test.ts';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = '<img src=x onerror="document.title=\'owned\'">';

/** Two hundred calls of twenty days, with agents; the first is short enough to end while a test waits. */
function calls(): Archived[] {
  return Array.from({ length: 200 }, (_, index) => {
    const day = String(1 + (index % 20)).padStart(2, '0');
    const id = `call-${String(index).padStart(3, '0')}`;
    const row = {
      'Recording ID': id,
      'Start Time': `2026-11-${day} 09:${String(index % 60).padStart(2, '0')}:00`,
      Agent: index % 7 === 0 ? 'Asha' : 'Bilal',
    };
    if (index === 3)
      return {
        id,
        status: 'gone',
        row,
        error: { code: 'RECORDING_EXPIRED', message: 'It has expired.', hint: 'Take it off.', retryable: false },
      };
    return { id, row, content: toneWav(3, index === 5 ? 7 : 1) };
  });
}

/** Starts `browse` over an archive of the test's folder, and gives the address that it prints. */
async function browse(tool: Tool, archive = 'calls') {
  const running = tool.start(['browse', archive], { printsSecrets: true });
  let address = '';
  await running.until(({ out }) => {
    address = out.trim();
    return out.endsWith('\n');
  });
  return { running, address };
}

/** Sorts by id, from call-000 on, and waits for the rows: what is clicked while they change places is another. */
async function sortById(page: Page): Promise<void> {
  await page.getByRole('columnheader', { name: 'Id', exact: true }).click();
  await page.getByRole('row').nth(1).getByRole('button', { name: 'call-000', exact: true }).waitFor();
}

/** Asks the page's server for something with headers that no browser lets a page set. */
function ask(url: string, headers: Record<string, string> = {}): Promise<{ status: number; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
    })
      .on('error', reject)
      .end();
  });
}

/** Enters by the address that was printed: the cookie for what is asked next, and where the page is. */
async function enter(address: string): Promise<{ cookie: string; page: string }> {
  const { headers } = await ask(address);
  return { cookie: String(headers['set-cookie']).split(';')[0] ?? '', page: new URL(String(headers.location), address).href };
}

/** Asks by a target that clients would tidy up first. Gives the answer's head as it came. */
function askRaw(port: string, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.end(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    });
    let head = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      head += piece;
    });
    socket.on('end', () => resolve(head)).on('error', reject);
  });
}

/** The same, but those whose ids begin so last a minute: what is to be paused must not end before a slow machine comes to it. */
function callsThatLast(prefix: string): Archived[] {
  const content = toneWav(60);
  return calls().map((call) => (call.id.startsWith(prefix) ? { ...call, content } : call));
}

/** What a downloaded ZIP holds: the text of each file by its name. */
async function unzip(download: Pick<Download, 'path'>): Promise<Map<string, string>> {
  const bytes = await readFile(await download.path());
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  const files = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) =>
      zip.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error);
        files.set(entry.fileName, await text(stream));
        zip.readEntry();
      }),
    );
    zip.on('end', resolve).on('error', reject);
    zip.readEntry();
  });
  return files;
}

describe('browse', () => {
  it('prints the address of the page alone on stdout, and ends with 0 at Ctrl-C', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 2));
    const { running, address } = await browse(tool);
    running.kill('SIGINT');
    const { exitCode, lines } = await running.ended;
    expect(lines).toEqual([address]);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?secret=[\w-]{32}$/u);
    expect(exitCode).toBe(0);
  });

  it('lets nobody in without the secret, by another host name, or from another site', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 2));
    const { running, address } = await browse(tool);
    const { origin, port } = new URL(address);
    const { cookie, page } = await enter(address);
    expect((await ask(`${page}rows`, { cookie })).status).toBe(200);
    expect((await ask(`${page}rows`)).status).toBe(403);
    expect((await ask(`${origin}/?secret=wrong`)).status).toBe(403);
    expect((await ask(`${page}rows`, { cookie, host: `evil.example:${port}` })).status).toBe(403);
    expect((await ask(`${page}rows`, { cookie, origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask(`${page}rows`, { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
    running.kill('SIGINT');
    await running.ended;
  });

  it('never sends a file that the manifest names outside of the archive', async ({ tool }) => {
    await writeFile(tool.path('outside.wav'), toneWav(1));
    await writeArchive(tool.path('calls'), [
      { id: 'escape', status: 'saved', file: '../outside.wav', bytes: 16_044, sha256: '0'.repeat(64) },
    ]);
    const { running, address } = await browse(tool);
    const { cookie, page } = await enter(address);
    for (const what of ['sound', 'file']) expect((await ask(`${page}${what}/0`, { cookie })).status).toBe(404);
    running.kill('SIGINT');
    await running.ended;
  });

  it('gives its cookie to no other server on this machine: cookies know no ports', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 2));
    const { running, address } = await browse(tool);
    const { headers } = await ask(address);
    const { pathname } = new URL(String(headers.location), address);
    expect(pathname).toMatch(/^\/[0-9a-f]{16}\/$/u);
    expect(String(headers['set-cookie'])).toMatch(new RegExp(`; Path=${pathname}$`, 'u'));
    const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
    expect((await ask(`${new URL(address).origin}/rows`, { cookie })).status).toBe(404);
    running.kill('SIGINT');
    await running.ended;
  });

  it.skipIf(process.platform !== 'linux')('opens an address that works once, as everybody can read command lines', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 2));
    const opener = tool.path(await tool.write('bin/xdg-open', '#!/bin/sh\nprintf %s "$1" > opened.new && mv opened.new opened\n'));
    await chmod(opener, 0o755);
    const running = tool.start(['browse', 'calls', '--open'], {
      printsSecrets: true,
      env: { PATH: `${dirname(opener)}:${tool.env.PATH}` },
    });
    await running.until(({ out }) => out.endsWith('\n'));
    await eventually(() => expect(tool.files()).toContain('opened'));
    const opened = String(await tool.read('opened'));
    const { cookie, page } = await enter(opened);
    expect((await ask(`${page}rows`, { cookie })).status).toBe(200);
    expect((await ask(opened)).status).toBe(403);
    running.kill('SIGINT');
    const { lines } = await running.ended;
    expect(lines[0]).not.toBe(opened);
  });

  it('packs what another hand has named into a ZIP that unpacks below one folder', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 1));
    const [line] = await tool.readLines('calls/manifest.jsonl');
    const names = ['..\\evil.wav', 'a/../b.wav', 'C:\\c.wav'];
    for (const [index, file] of names.entries()) {
      await tool.write(`calls/${file === 'a/../b.wav' ? 'b.wav' : file}`, toneWav(1));
      await appendFile(tool.path('calls/manifest.jsonl'), `${JSON.stringify({ ...line, id: `evil-${index}`, file })}\n`);
    }
    const { running, address } = await browse(tool);
    const { cookie, page } = await enter(address);
    const answer = await fetch(`${page}zip`, { method: 'POST', headers: { cookie }, body: 'keys=0,1,2,3' });
    const zip = tool.path(await tool.write('got.zip', Buffer.from(await answer.arrayBuffer())));
    const found = [...(await unzip({ path: async () => zip })).keys()];
    expect(found.filter((name) => /evil|b\.wav|c\.wav/u.test(name))).toEqual(['evil.wav', 'a/b.wav', 'C_/c.wav']);
    running.kill('SIGINT');
    await running.ended;
  });

  it.skipIf(process.platform === 'win32')('takes a link in the place of a recording for none, as verify does', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 2));
    const [line] = await tool.readLines('calls/manifest.jsonl');
    await rename(tool.path(`calls/${line?.file}`), tool.path('calls/elsewhere.wav'));
    await symlink('elsewhere.wav', tool.path(`calls/${line?.file}`));
    const { running, address } = await browse(tool);
    const { cookie, page } = await enter(address);
    expect((await ask(`${page}file/0`, { cookie })).status).toBe(404);
    expect((await ask(`${page}file/1`, { cookie })).status).toBe(200);
    running.kill('SIGINT');
    await running.ended;
  });

  it('answers what no page asks for as calmly: odd paths, sort orders and numbers', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 2));
    const { running, address } = await browse(tool);
    const { port, search } = new URL(address);
    const { cookie, page } = await enter(address);
    expect(await askRaw(port, '//')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await askRaw(port, `/.//evil.example/x${search}`)).toContain(`\r\nLocation: ${new URL(page).pathname}\r\n`);
    for (const query of ['sort=__proto__', 'sort=row:constructor', 'limit=-5', 'offset=-1', 'offset=0.5', 'limit=abc']) {
      expect((await ask(`${page}rows?${query}`, { cookie })).status).toBe(200);
    }
    running.kill('SIGINT');
    const { err } = await running.ended;
    expect(err).not.toContain('failed');
  });

  it('says of a port that there is not what a port is, with exit code 2', async ({ tool }) => {
    await writeArchive(tool.path('calls'), calls().slice(0, 1));
    const { exitCode, err } = await tool.run(['browse', 'calls', '--port', '99999']);
    expect(exitCode).toBe(2);
    expect(err).toContain('Give a whole number from 0 to 65535.');
  });

  it('says that a folder without a manifest is none, with exit code 2', async ({ tool }) => {
    const { exitCode, err } = await tool.run(['browse', 'nowhere']);
    expect(exitCode).toBe(2);
    expect(err).toContain('nowhere has no manifest.jsonl.');
  });
});

describe.skipIf(noBrowser !== undefined)(`the page of browse${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  /** Opens the page over these recordings, does what the test wants there, and fails where the page has met an error that is not `expected`. */
  async function onPage(tool: Tool, recordings: readonly Archived[], act: (page: Page) => Promise<void>, expected?: RegExp): Promise<void> {
    await writeArchive(tool.path('calls'), recordings);
    const { running, address } = await browse(tool);
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(EVENTUALLY_MS);
    const faults: string[] = [];
    // What axe tries out with a style of its own is refused, as it should be.
    page.on(
      'console',
      (message) =>
        message.type() === 'error' &&
        message.location().url !== '' &&
        !expected?.test(message.text()) &&
        faults.push(`${message.text()} ${JSON.stringify(message.location())}`),
    );
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (sent) => {
      if (!/^(?:blob|data):/u.test(sent.url()) && new URL(sent.url()).host !== new URL(address).host)
        faults.push(`asked for ${sent.url()}`);
    });
    await page.goto(address);
    await page
      .getByRole('status')
      .filter({ hasText: /recordings/u })
      .waitFor();
    await act(page);
    expect(faults).toEqual([]);
    await context.close();
    running.kill('SIGINT');
    await running.ended;
  }

  const count = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor();

  it('finds by word, day and status, tells how many, and keeps the search in the address', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      await count(page, '200 of 200 recordings');
      await page.getByRole('searchbox').fill('asha');
      await count(page, '29 of 200 recordings');
      expect(new URL(page.url()).searchParams.get('q')).toBe('asha');
      await page.getByRole('button', { name: '2026-11-05', exact: true }).click();
      await count(page, '1 of 200 recordings');
      await page.goBack();
      await count(page, '29 of 200 recordings');
      await page.getByRole('searchbox').fill('');
      await page.getByLabel('Status').selectOption('gone');
      await count(page, '1 of 200 recordings');
      await page.reload();
      await count(page, '1 of 200 recordings');
      await page.getByLabel('Status').selectOption('');
      await page.getByLabel('From').fill('2026-11-19');
      await page.getByLabel('Until').fill('2026-11-20');
      await count(page, '20 of 200 recordings');
    });
  });

  it.for(['the button', 'Control+p'])('prints what was found as a list, or what of it is selected: %s', async (by, { tool }) => {
    await onPage(tool, calls(), async (page) => {
      await page.evaluate('window.print = () => { window.printed = document.querySelectorAll(".printed tbody tr").length; }');
      const print = () =>
        by === 'the button' ? page.getByRole('button', { name: 'Print', exact: true }).click() : page.keyboard.press(by);
      await page.getByRole('searchbox').fill('call-01');
      await count(page, '10 of 200 recordings');
      await print();
      await expect.poll(() => page.evaluate('window.printed')).toBe(10);
      await page.getByRole('checkbox', { name: 'Select call-012' }).check();
      await page.getByRole('checkbox', { name: 'Select call-014' }).check();
      await print();
      await expect.poll(() => page.evaluate('window.printed')).toBe(2);
    });
  });

  it('says that nothing matches, and clears all filters at once', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      await page.getByRole('searchbox').fill('nobody');
      await page.getByLabel('Status').selectOption('gone');
      await page.getByLabel('From').fill('2026-11-19');
      await page.getByText('No recordings match.').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await count(page, '200 of 200 recordings');
      expect(await page.getByLabel('Status').inputValue()).toBe('');
    });
  });

  it('sorts by a column, and says so', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      const header = page.getByRole('columnheader', { name: 'Id', exact: true });
      expect(await header.getAttribute('aria-sort')).toBe('none');
      await header.click();
      await expect.poll(() => header.getAttribute('aria-sort')).toBe('ascending');
      await expect.poll(() => page.getByRole('row').nth(1).textContent()).toContain('call-000');
      await header.click();
      await expect.poll(() => page.getByRole('row').nth(1).textContent()).toContain('call-199');
    });
  });

  it('opens and plays a recording, seeks, changes its speed, and goes on to the next', async ({ tool }) => {
    await onPage(tool, callsThatLast('call-001'), async (page) => {
      await page.getByRole('searchbox').fill('call-00');
      await count(page, '10 of 200 recordings');
      await sortById(page);
      await page.getByRole('button', { name: 'call-001', exact: true }).click();
      await page.getByRole('heading', { name: 'call-001' }).waitFor();
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      const time = () => page.evaluate<number>("document.querySelector('audio').currentTime");
      await expect.poll(time).toBeGreaterThan(0.2);
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await page.getByRole('slider', { name: 'Position' }).fill('2');
      await expect.poll(time).toBe(2);
      await page.getByLabel('Speed').selectOption('1.5');
      await expect.poll(() => page.evaluate("document.querySelector('audio').playbackRate")).toBe(1.5);
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      await page.getByRole('heading', { name: 'call-002' }).waitFor();
      await page.getByRole('button', { name: 'Previous', exact: true }).click();
      await page.getByRole('heading', { name: 'call-001' }).waitFor();
    });
  });

  it('plays µ-law, which it converts on the way', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      await page.getByRole('searchbox').fill('call-005');
      await page.getByRole('button', { name: 'call-005', exact: true }).click();
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await expect.poll(() => page.evaluate<number>("document.querySelector('audio').currentTime")).toBeGreaterThan(0.2);
      expect(await page.evaluate("Math.round(document.querySelector('audio').duration)")).toBe(3);
    });
  });

  it('says of a codec that no browser plays that it cannot be played, and of a gone one why', async ({ tool }) => {
    await onPage(tool, [...calls().slice(0, 4), { id: 'gsm', content: toneWav(1, 0x31) }], async (page) => {
      await page.getByRole('button', { name: 'gsm', exact: true }).click();
      expect(await page.getByRole('alert').textContent()).toContain('cannot play this recording: it is GSM 6.10');
      await page.getByRole('button', { name: 'call-003', exact: true }).click();
      await page.getByText('It has expired. Take it off.').waitFor();
    });
  });

  it('is worked by the keyboard alone: search, move, play, select, and a dialog of the keys', async ({ tool }) => {
    await onPage(tool, callsThatLast('call-01'), async (page) => {
      await page.keyboard.press('/');
      await page.keyboard.type('call-01');
      await count(page, '10 of 200 recordings');
      await page.keyboard.press('Escape');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('x');
      await count(page, '1 selected');
      await page.keyboard.press(' ');
      await expect.poll(() => page.evaluate<number>("document.querySelector('audio').currentTime")).toBeGreaterThan(0.1);
      await page.keyboard.press(' ');
      await expect.poll(() => page.evaluate("document.querySelector('audio').paused")).toBe(true);
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    });
  });

  it('leads from the search box to the first row, by the arrow and by Enter', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 30), async (page) => {
      const focused = () => page.evaluate("document.activeElement.closest('.body .row')?.dataset.index");
      for (const key of ['ArrowDown', 'Enter']) {
        await page.getByRole('searchbox').fill('call-01');
        await count(page, '10 of 30 recordings');
        await page.getByRole('searchbox').press(key);
        await expect.poll(focused).toBe('0');
      }
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).getByText('In the search box: to the first recording').waitFor();
    });
  });

  it('has each key act on the row that has the focus, else on the open recording', async ({ tool }) => {
    await onPage(tool, callsThatLast('call-00'), async (page) => {
      const focused = () => page.evaluate("document.activeElement.closest('.row')?.querySelector('.id')?.textContent");
      await page.getByRole('searchbox').fill('call-00');
      await count(page, '10 of 200 recordings');
      await sortById(page);
      await page.getByRole('button', { name: 'call-000', exact: true }).click();
      await page.getByRole('heading', { name: 'call-000' }).waitFor();
      await expect.poll(focused).toBe('call-000');
      await page.keyboard.press('ArrowDown');
      await expect.poll(focused).toBe('call-001');
      const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('d')]);
      expect(file.suggestedFilename()).toBe('call-001.wav');
      await page.keyboard.press('c');
      await page.getByRole('heading', { name: 'call-001' }).waitFor();
      await page
        .getByRole('status')
        .filter({ hasText: /^Whole/u })
        .waitFor();
      await page.keyboard.press('n');
      await page.getByRole('heading', { name: 'call-002' }).waitFor();
      await expect.poll(focused).toBe('call-002');
      await page.keyboard.press('x');
      await expect.poll(() => page.getByRole('checkbox', { name: 'Select call-002' }).isChecked()).toBe(true);
      await page.getByRole('button', { name: 'Pause', exact: true }).focus();
      await page.keyboard.press('x');
      await expect.poll(() => page.getByRole('checkbox', { name: 'Select call-002' }).isChecked()).toBe(false);
    });
  });

  it('keeps the focus on a recording when a run at work adds rows above it', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 6), async (page) => {
      const focused = () => page.evaluate("document.activeElement.closest('.body .row')?.querySelector('.id')?.textContent");
      await page.getByRole('button', { name: 'call-002', exact: true }).click();
      await expect.poll(focused).toBe('call-002');
      const row = { 'Recording ID': 'newcomer', 'Start Time': '2026-11-25 09:00:00', Agent: 'Asha' };
      await writeArchive(tool.path('calls'), [{ id: 'newcomer', row, content: toneWav(1) }]);
      await count(page, '7 of 7 recordings');
      await expect.poll(() => page.getByRole('row').nth(1).textContent()).toContain('newcomer');
      await expect.poll(focused).toBe('call-002');
      await page.keyboard.press('ArrowDown');
      await expect.poll(focused).toBe('call-001');
    });
  });

  it('stays with the recording that plays when a filter goes and rows change places, far away too', async ({ tool }) => {
    await onPage(tool, callsThatLast('call-150'), async (page) => {
      const focused = () => page.evaluate("document.activeElement.closest('.body .row')?.querySelector('.id')?.textContent");
      await page.getByRole('searchbox').fill('call-150');
      await count(page, '1 of 200 recordings');
      await page.getByRole('button', { name: 'call-150', exact: true }).click();
      await page.getByRole('button', { name: 'Play', exact: true }).click();
      await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      await page.getByRole('searchbox').fill('');
      await count(page, '200 of 200 recordings');
      await sortById(page);
      await page.getByRole('heading', { name: 'call-150' }).waitFor();
      expect(await page.evaluate("document.querySelector('audio').paused")).toBe(false);
      await page.keyboard.press('n');
      await page.getByRole('heading', { name: 'call-151' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await expect.poll(focused).toBe('call-152');
    });
  });

  it.for([
    ['the key', (page: Page) => page.keyboard.press('n')],
    ['the button', (page: Page) => page.getByRole('button', { name: 'Next', exact: true }).click()],
    ['the end of the sound', (page: Page) => page.evaluate("document.querySelector('audio').dispatchEvent(new Event('ended'))")],
  ] as const)('waits until it knows where the open recording stands before it goes on from there: %s', async ([, goOn], { tool }) => {
    await onPage(tool, callsThatLast('call-150'), async (page) => {
      await page.getByRole('searchbox').fill('call-150');
      await count(page, '1 of 200 recordings');
      await page.getByRole('button', { name: 'call-150', exact: true }).click();
      await page.getByRole('heading', { name: 'call-150' }).waitFor();
      await page.getByRole('checkbox', { name: 'Play through' }).check();
      await page.getByRole('searchbox').fill('');
      await count(page, '200 of 200 recordings');
      let asks = 0;
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      await page.route('**/keys?*', async (route) => {
        asks += 1;
        await answered;
        await route.continue();
      });
      await sortById(page);
      await expect.poll(() => asks).toBeGreaterThan(0);
      await goOn(page);
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
      answer();
      await page.getByRole('heading', { name: 'call-151' }).waitFor();
    });
  });

  it('finds the next one however far below those that were not saved, and offers none after the last', async ({ tool }) => {
    const missing = Array.from({ length: 450 }, (_, index) => ({
      id: `call-${String(index + 1).padStart(3, '0')}`,
      status: 'failed' as const,
      error: null,
    }));
    const recordings = [{ id: 'call-000', content: toneWav(3) }, ...missing, { id: 'call-900', content: toneWav(3) }];
    await onPage(tool, recordings, async (page) => {
      await sortById(page);
      await page.getByRole('button', { name: 'call-000', exact: true }).click();
      await page.getByRole('heading', { name: 'call-000' }).waitFor();
      const next = page.getByRole('button', { name: 'Next', exact: true });
      await next.click();
      await page.getByRole('heading', { name: 'call-900' }).waitFor();
      await expect.poll(() => next.isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Previous', exact: true }).click();
      await page.getByRole('heading', { name: 'call-000' }).waitFor();
    });
  });

  it('keeps search, order, the open recording and the speed over a reload', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      await sortById(page);
      await page.getByRole('searchbox').fill('call-1');
      await count(page, '100 of 200 recordings');
      await page.getByRole('button', { name: 'call-105', exact: true }).click();
      await page.getByRole('heading', { name: 'call-105' }).waitFor();
      await page.getByLabel('Speed').selectOption('1.5');
      await page.getByRole('searchbox').fill('call-0');
      await count(page, '100 of 200 recordings');
      await page.reload();
      await page.getByRole('heading', { name: 'call-105' }).waitFor();
      expect(await page.getByRole('searchbox').inputValue()).toBe('call-0');
      expect(await page.getByRole('columnheader', { name: 'Id', exact: true }).getAttribute('aria-sort')).toBe('ascending');
      expect(await page.getByLabel('Speed').inputValue()).toBe('1.5');
      await expect.poll(() => page.evaluate("document.querySelector('audio').playbackRate")).toBe(1.5);
    });
  });

  it('closes the menu of columns with Escape, and nothing else, and lists every key that it knows', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 3), async (page) => {
      await page.getByRole('button', { name: 'call-001', exact: true }).click();
      await page.getByRole('heading', { name: 'call-001' }).waitFor();
      const isOpen = () => page.evaluate("document.querySelector('details.choose').open");
      await page.getByText('Columns', { exact: true }).click();
      await page.getByRole('checkbox', { name: 'Agent' }).uncheck();
      expect(await isOpen()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await isOpen()).toBe(false);
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Columns');
      await page.getByRole('heading', { name: 'call-001' }).waitFor();
      await page.getByRole('button', { name: 'Keys' }).click();
      const keys = await page.getByRole('dialog', { name: 'Keys' }).locator('kbd').allTextContents();
      expect(keys).toEqual(expect.arrayContaining(['j', 'k', 'Home', 'End', 'PgUp', 'PgDn', 'n', 'p', '?']));
    });
  });

  it('goes to the next and the previous of the list, whatever is selected, and plays through the selection', async ({ tool }) => {
    await onPage(tool, callsThatLast('call-00'), async (page) => {
      await page.getByRole('searchbox').fill('call-00');
      await count(page, '10 of 200 recordings');
      await sortById(page);
      await page.getByRole('button', { name: 'call-005', exact: true }).click();
      await page.getByRole('heading', { name: 'call-005' }).waitFor();
      await page.getByRole('checkbox', { name: 'Select call-005' }).check();
      await page.getByRole('checkbox', { name: 'Select call-008' }).check();
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      await page.getByRole('heading', { name: 'call-006' }).waitFor();
      await page.keyboard.press('p');
      await page.getByRole('heading', { name: 'call-005' }).waitFor();
      await page.getByRole('checkbox', { name: 'Play through the selection' }).check();
      await page.evaluate("document.querySelector('audio').dispatchEvent(new Event('ended'))");
      await page.getByRole('heading', { name: 'call-008' }).waitFor();
    });
  });

  it('adds what is found to the selection, tells how many of it are not shown, and clears it', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      const box = page.getByRole('searchbox');
      const all = page.getByRole('checkbox', { name: 'Select all' });
      await box.fill('call-00');
      await count(page, '10 of 200 recordings');
      await page.getByRole('checkbox', { name: 'Select call-001' }).check();
      await page.getByRole('checkbox', { name: 'Select call-002' }).check();
      await box.fill('call-01');
      await count(page, /^10 of 200 recordings, 2 selected, 2 of them not shown$/u);
      await all.click();
      await count(page, /^10 of 200 recordings, 12 selected, 2 of them not shown$/u);
      expect(await all.isChecked()).toBe(true);
      await box.fill('');
      await count(page, /^200 of 200 recordings, 12 selected$/u);
      expect(await all.isChecked()).toBe(false);
      await box.fill('call-01');
      await count(page, '12 selected, 2 of them not shown');
      await all.click();
      await count(page, /^10 of 200 recordings, 2 selected, 2 of them not shown$/u);
      await page.getByRole('button', { name: 'Clear selection' }).click();
      await count(page, /^10 of 200 recordings$/u);
    });
  });

  it('says when its server cannot be reached, or a recording not be read, until that works again', async ({ tool }) => {
    const act = async (page: Page) => {
      const alert = page.getByRole('alert');
      await page.getByRole('button', { name: 'call-001', exact: true }).click();
      await page.getByRole('button', { name: 'Check' }).waitFor();
      await page.context().setOffline(true);
      await page.keyboard.press('c');
      await alert.filter({ hasText: 'kaleyra-rec browse has ended, or cannot be reached. Start it again and open the new' }).waitFor();
      await page.getByText('It could not be checked.', { exact: true }).waitFor();
      await page.context().setOffline(false);
      await alert.waitFor({ state: 'detached' });
      await page.route('**/details/*', (route) => route.fulfill({ status: 500 }));
      await page.getByRole('button', { name: 'call-002', exact: true }).click();
      await alert.filter({ hasText: 'The recording could not be read. Try again.' }).waitFor();
      await page.unroute('**/details/*');
      await page.getByRole('button', { name: 'call-002', exact: true }).click();
      await page.getByRole('heading', { name: 'call-002' }).waitFor();
      await alert.waitFor({ state: 'detached' });
    };
    await onPage(tool, calls().slice(0, 3), act, /Failed to load resource/u);
  });

  it('checks a recording: whole, changed, missing', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 3), async (page) => {
      const check = async (id: string, said: RegExp) => {
        await page.getByRole('button', { name: id, exact: true }).click();
        await page.getByRole('heading', { name: id }).waitFor();
        await page.getByRole('button', { name: 'Check' }).click();
        await page.getByRole('status').filter({ hasText: said }).waitFor();
      };
      await check('call-000', /^Whole/u);
      await writeFile(tool.path('calls/call-001.wav'), toneWav(2));
      await check('call-001', /^Changed/u);
      await rm(tool.path('calls/call-002.wav'));
      await check('call-002', /^Missing/u);
    });
  });

  it('offers no download of a file that is missing, says why, and no longer shows it as saved', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 4), async (page) => {
      const row = page.getByRole('row').filter({ hasText: 'call-001' });
      let downloads = 0;
      page.on('download', () => (downloads += 1));
      await rm(tool.path('calls/call-001.wav'));
      await page.getByRole('button', { name: 'call-002', exact: true }).click();
      await page.getByRole('heading', { name: 'call-002' }).waitFor();
      await row.focus();
      await page.keyboard.press('d');
      await page.getByRole('status').filter({ hasText: 'call-001 cannot be downloaded: its file is missing.' }).waitFor();
      await page.getByRole('button', { name: 'call-001', exact: true }).click();
      await page.getByRole('heading', { name: 'call-001' }).waitFor();
      expect(await page.getByRole('button', { name: 'Download', exact: true }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Check' }).click();
      await page
        .getByRole('status')
        .filter({ hasText: /^Missing/u })
        .waitFor();
      expect(await row.textContent()).toContain('missing');
      expect(await row.textContent()).not.toContain('saved');
      await page.getByRole('button', { name: 'call-003', exact: true }).click();
      await page.getByRole('heading', { name: 'call-003' }).waitFor();
      await page.keyboard.press('d');
      await page.getByRole('status').filter({ hasText: 'call-003 cannot be downloaded: it was not saved.' }).waitFor();
      expect(downloads).toBe(0);
    });
  });

  it('takes one along as a file, a selection as a ZIP with manifest and table, and copies what identifies it', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 3), async (page) => {
      await page.getByRole('button', { name: 'call-001', exact: true }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download', exact: true }).click(),
      ]);
      expect(file.suggestedFilename()).toBe('call-001.wav');
      expect(await readFile(await file.path())).toEqual(toneWav(3));
      await page.getByRole('button', { name: 'Copy id' }).click();
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe('call-001');
      await page.getByRole('button', { name: 'Copy path' }).click();
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(tool.path('calls/call-001.wav'));
      await page.getByRole('button', { name: 'Copy hash' }).click();
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toMatch(/^[0-9a-f]{64}$/u);
      await page.getByRole('checkbox', { name: 'Select all' }).check();
      const [zip] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download selection as ZIP' }).click(),
      ]);
      const bytes = await readFile(await zip.path());
      for (const name of ['manifest.jsonl', 'recordings.csv', 'call-000.wav', 'call-002.wav']) expect(bytes.includes(name)).toBe(true);
    });
  });

  it('says in a ZIP which file is missing, and vouches in its manifest only for those that are in it', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 4), async (page) => {
      await rm(tool.path('calls/call-001.wav'));
      await page.getByRole('checkbox', { name: 'Select all' }).check();
      await count(page, '4 selected');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download selection as ZIP' }).click(),
      ]);
      const files = await unzip(download);
      expect([...files.keys()].sort()).toEqual(['call-000.wav', 'call-002.wav', 'manifest.jsonl', 'recordings.csv']);
      const lines = (files.get('manifest.jsonl') ?? '').trim().split('\n');
      expect(lines.map((line) => JSON.parse(line).id).sort()).toEqual(['call-000', 'call-002', 'call-003']);
      const rows = (files.get('recordings.csv') ?? '').split('\n');
      expect(rows.find((row) => row.includes('call-001'))).toContain(',call-001,missing,');
      expect(rows.find((row) => row.includes('call-002'))).toContain(',call-002,saved,');
    });
  });

  it('shows hostile names as text, and makes visible what nobody sees', async ({ tool }) => {
    const recordings = [{ id: HOSTILE, file: 'a.wav', content: toneWav(1), row: { [HOSTILE]: HOSTILE, Agent: 'a\u202Egpj.exe' } }];
    await onPage(tool, recordings, async (page) => {
      await page.getByRole('button', { name: HOSTILE, exact: true }).click();
      await page.getByRole('heading', { name: HOSTILE }).waitFor();
      expect(await page.title()).toBe('calls');
      await page.getByText('a\\u202egpj.exe').first().waitFor();
      expect(await page.locator('img').count()).toBe(0);
    });
  });

  it('takes in what a run at work adds', async ({ tool }) => {
    await onPage(tool, calls().slice(0, 2), async (page) => {
      await writeArchive(tool.path('calls'), [{ id: 'newcomer', content: toneWav(1) }]);
      await count(page, '3 of 3 recordings');
      await page.getByRole('button', { name: 'newcomer', exact: true }).waitFor();
    });
  });

  it('draws of 100,000 recordings only those that are seen, and finds the last by scrolling', async ({ tool }) => {
    const line = (index: number) => ({ id: `n-${String(index).padStart(6, '0')}`, status: 'failed' as const, error: null });
    await onPage(
      tool,
      Array.from({ length: 100_000 }, (_, index) => line(index)),
      async (page) => {
        await count(page, '100,000 of 100,000 recordings');
        expect(await page.getByRole('row').count()).toBeLessThan(120);
        await page.getByRole('columnheader', { name: 'Id', exact: true }).click();
        await page.getByRole('button', { name: 'n-000000', exact: true }).waitFor();
        await page.locator('.scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
        await page.getByRole('button', { name: 'n-099999', exact: true }).waitFor();
        await page.getByRole('searchbox').fill('n-012345');
        await count(page, '1 of 100,000 recordings');
      },
    );
  });

  it('brings the player into view when a recording is opened on a narrow screen', async ({ tool }) => {
    await onPage(tool, calls(), async (page) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole('button', { name: 'call-199', exact: true }).click();
      await expect
        .poll(async () => {
          const box = await page.getByRole('button', { name: 'Play', exact: true }).boundingBox();
          return box !== null && box.y >= 0 && box.y + box.height <= 740;
        })
        .toBe(true);
    });
  });

  it.for([
    ['light', 360],
    ['light', 1280],
    ['dark', 360],
    ['dark', 1280],
  ] as const)('has nothing that axe finds fault with, %s and %i pixels wide', async ([colorScheme, width], { tool }) => {
    await onPage(tool, calls(), async (page) => {
      await page
        .getByRole('button', { name: /^call-/u })
        .first()
        .click();
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.evaluate(AXE);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const { violations } = await page.evaluate<{ violations: unknown[] }>('axe.run()');
      expect(violations).toEqual([]);
    });
  });
});
