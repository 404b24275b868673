// @ts-check
/*
 * Takes the pictures of the documents from the built tool: the terminal of the README with tmux, as SVG, and the page of `browse` with Chromium,
 * both light and dark.
 *
 *     npm run build && node test/docs/pictures.js
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const COLUMNS = 84;
const ROWS = 20;
const tool = fileURLToPath(new URL('../../bin/kaleyra-rec.js', import.meta.url));
const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kaleyra-rec-pictures-'));

/** What is typed, and run as it stands. */
const TYPED = ['kaleyra-rec download call-1', 'kaleyra-rec batch ids.txt', 'kaleyra-rec verify recordings'];

const ESCAPE = String.fromCharCode(27);
const SGR = new RegExp(`(${ESCAPE}\\[[\\d;]*m)`);

const THEMES = {
  light: {
    ground: '#ffffff',
    frame: '#d9dbd8',
    text: '#1d2321',
    soft: '#66706c',
    red: '#b3261e',
    green: '#0b6b5d',
    yellow: '#8a6100',
    cyan: '#0b5f80',
  },
  dark: {
    ground: '#151918',
    frame: '#343c39',
    text: '#e5eae8',
    soft: '#98a39f',
    red: '#ff8f84',
    green: '#6fd0bd',
    yellow: '#e3b95b',
    cyan: '#79c2dd',
  },
};

/** @returns {Promise<string>} the screen as it is once all has run, with its colours */
async function terminal() {
  const ids = [...Array.from({ length: 22 }, (_, index) => `call-${index + 1}`), 'sandbox-invalid', 'sandbox-expired', 'sandbox-empty'];
  writeFileSync(join(folder, 'ids.txt'), `${ids.join('\n')}\n`);
  writeFileSync(join(folder, 'kaleyra-rec'), `#!/bin/sh\nexec '${process.execPath}' '${tool}' "$@"\n`, { mode: 0o755 });
  const lines = TYPED.map((line) => `printf '\\033[1m$\\033[0m %s\\n' '${line}'; ${line}`);
  writeFileSync(join(folder, 'run.sh'), `${lines.join('\n')}\ntouch done\nsleep 60\n`);
  const tmux = (/** @type {string[]} */ ...args) =>
    execFileSync('tmux', ['-L', `pictures-${process.pid}`, '-f', '/dev/null', ...args], {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, CI: '', LANG: 'C.UTF-8' },
      encoding: 'utf8',
    });
  tmux('new-session', '-d', '-x', `${COLUMNS}`, '-y', `${ROWS}`, 'kaleyra-rec sandbox -- sh run.sh');
  try {
    while (!existsSync(join(folder, 'done'))) await sleep(100);
    await sleep(300);
    return tmux('capture-pane', '-e', '-p');
  } finally {
    tmux('kill-server');
  }
}

/**
 * @param {string} screen
 * @param {typeof THEMES.light} theme
 */
function svgOf(screen, theme) {
  const lines = screen.trimEnd().split('\n');
  const [width, height] = [COLUMNS * 8.43 + 32, lines.length * 20 + 32];
  const text = lines.map((line, row) => `<text x="16" y="${row * 20 + 30}">${spansOf(line, theme)}</text>`).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<style>text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: ${theme.text} }</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${theme.ground}" stroke="${theme.frame}"/>
${text}
</svg>
`;
}

/**
 * A line's pieces, each in the colour that the escapes before it name (ECMA-48, SGR).
 *
 * @param {string} line
 * @param {typeof THEMES.light} theme
 */
function spansOf(line, theme) {
  const colours = { 31: theme.red, 32: theme.green, 33: theme.yellow, 36: theme.cyan, 90: theme.soft };
  let colour = '';
  let bold = false;
  let dim = false;
  return line
    .split(SGR)
    .map((piece) => {
      const codes = piece.startsWith(ESCAPE) ? piece.slice(2, -1) : undefined;
      if (codes === undefined) {
        const style = [colour && `fill="${colour}"`, !colour && dim && `fill="${theme.soft}"`, bold && 'font-weight="bold"'].filter(
          Boolean,
        );
        return piece && `<tspan ${style.join(' ')}>${piece.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)}</tspan>`;
      }
      for (const code of codes.split(';').map(Number)) {
        if (code === 0) [colour, bold, dim] = ['', false, false];
        else if (code === 1) bold = true;
        else if (code === 2) dim = true;
        else if (code === 22) [bold, dim] = [false, false];
        else colour = /** @type {Record<number, string>} */ (colours)[code] ?? '';
      }
      return '';
    })
    .join('');
}

async function page() {
  const archive = join(folder, 'calls');
  execFileSync(process.execPath, [tool, 'sandbox', '--archive', archive, '--count', '1200'], { stdio: 'inherit' });
  const served = spawn(process.execPath, [tool, 'browse', 'calls'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const address = await new Promise((resolve) => served.stdout.once('data', (text) => resolve(String(text).trim())));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] });
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const shown = await browser.newPage({ viewport: { width: 1180, height: 760 }, colorScheme });
    await shown.goto(address);
    await shown.getByRole('button', { name: /==$/ }).nth(2).click();
    await shown.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await shown.getByRole('button', { name: 'Check' }).click();
    await shown.getByText('Whole').waitFor();
    await shown.getByRole('slider', { name: 'Position' }).fill('2');
    await sleep(300);
    // Above the row that names the file: its folder is one of this machine.
    await shown.screenshot({ path: join(docs, `browse-${colorScheme}.png`), clip: { x: 0, y: 0, width: 1180, height: 634 } });
    await shown.close();
  }
  await browser.close();
  served.kill('SIGINT');
}

try {
  const screen = await terminal();
  for (const [name, theme] of Object.entries(THEMES)) writeFileSync(join(docs, `terminal-${name}.svg`), svgOf(screen, theme));
  await page();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
