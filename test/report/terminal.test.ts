import { afterEach, describe, expect, it } from 'vitest';
import type { ReportEvent } from '../../src/events.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { terminalReporter } from '../../src/report/terminal.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { begun, ended, failed, gone, progress, retrying, saved, skipped, started } from './events.ts';
import { screenOf, withCursor } from './screen.ts';

const open: Reporter[] = [];
// A spinner turns until it is closed.
afterEach(() => {
  for (const reporter of open.splice(0)) reporter.close();
});

interface TerminalOptions {
  columns?: number;
  env?: Record<string, string>;
  color?: boolean;
  unicode?: boolean;
}

/** A reporter on a terminal; `tell` moves the clock on before each event, so that each may be drawn. */
function terminal({ columns = 80, env = {}, color = true, unicode = true }: TerminalOptions = {}) {
  const system = testSystem({ tty: true, columns, env, manualClock: true });
  withCursor(system.stderr);
  const reporter = terminalReporter(testContext(system), { color, unicode });
  open.push(reporter);
  const tell = (...events: ReportEvent[]) => {
    for (const event of events) {
      system.advance(1000);
      reporter.onEvent(event);
    }
    return lines();
  };
  /** What the terminal shows now; the spinner's own character is left out. */
  const lines = () => screenOf(system.stderrText).lines.map((line) => line.replace(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏\-\\|/] {2}/u, '* '));
  /** The last of them, drawn anew. */
  const line = () => {
    reporter.onEvent({ type: 'passed-over', why: 'blank' });
    return lines().at(-1);
  };
  return { system, reporter, tell, lines, line, text: () => system.stderrText };
}

/** A bar of so many full fields. */
const bar = (full: number, width = 24) => '█'.repeat(full) + '░'.repeat(width - full);

describe('one recording on a terminal', () => {
  it('shows that it is asked for, then bytes, share, rate and time left', () => {
    const { tell } = terminal();
    expect(tell(started())).toEqual(['* Asking for the recording']);
    expect(tell(progress(0, 4_000_000))).toEqual([`* ${bar(0)}  0%  0 B of 4.0 MB`]);
    expect(tell(progress(1_000_000, 4_000_000))).toEqual([`* ${bar(6)}  25%  1.0 MB of 4.0 MB  333 kB/s  9 s left`]);
    expect(tell(progress(4_000_000, 4_000_000))).toEqual([`* ${bar(24)}  100%  4.0 MB of 4.0 MB  1.0 MB/s`]);
  });

  it('shows no share and no time left where the store does not tell how much there is', () => {
    const { tell } = terminal();
    expect(tell(started(), progress(100_000), progress(500_000))).toEqual(['* 500 kB  167 kB/s']);
  });

  it('tells no rate of what an earlier run has left', () => {
    const { tell } = terminal();
    expect(tell(started(), progress(900_000, 2_000_000))).toEqual([`* ${bar(11)}  45%  900 kB of 2.0 MB`]);
    expect(tell(progress(1_200_000, 2_000_000))).toEqual([`* ${bar(14)}  60%  1.2 MB of 2.0 MB  100 kB/s  8 s left`]);
  });

  it('says above the line why it tries again', () => {
    const { tell } = terminal();
    const shown = tell(started(), progress(1000, 2000), retrying('The connection was reset.', 2, 1500));
    expect(shown[0]).toBe('The connection was reset. Attempt 2 in 1.5 s.');
    expect(shown[1]).toBe(`* ${bar(12, 23)}  50%  1.0 kB of 2.0 kB  waiting 2 s: no connection`);
  });

  it('leaves one line behind when it is saved, and the cursor as it was', () => {
    const { tell, reporter, text } = terminal();
    // As soon as it is told: nothing is drawn again before the reporter is closed.
    expect(tell(started(), progress(1000, 2000), saved())).toEqual(['✔ Saved 1.2 MB in 3.2 s']);
    reporter.close();
    expect(screenOf(text()).lines).toEqual(['✔ Saved 1.2 MB in 3.2 s']);
    expect(screenOf(text()).cursorShown).toBe(true);
  });

  it('leaves nothing behind when it fails: the error says it', () => {
    const { tell, reporter, text } = terminal();
    tell(started(), progress(1000, 2000));
    reporter.close();
    expect(screenOf(text())).toMatchObject({ lines: [], cursorShown: true });
  });

  it('draws at most ten times a second', () => {
    const { system, reporter, text } = terminal();
    reporter.onEvent(started());
    const before = text().length;
    for (let bytes = 0; bytes < 100; bytes += 1) reporter.onEvent(progress(bytes, 100));
    expect(text().length).toBe(before);
    system.advance(100);
    reporter.onEvent(progress(100, 100));
    expect(screenOf(text()).lines[0]).toContain('100 B of 100 B');
  });
});

describe('a batch on a terminal', () => {
  const some: ReportEvent[] = [begun(10), started(), progress(1_234_567, 1_234_567), saved(), skipped()];

  it('shows a bar with done of total, what went wrong, bytes and time left', () => {
    const { tell } = terminal();
    expect(tell(begun(10))).toEqual([`* ${bar(0)}  0/10  0 B`]);
    const shown = tell(...some.slice(1), gone('b'), failed('c'));
    expect(shown.slice(0, 2)).toEqual(['gone b: The service says: Invalid Id.', 'failed c: No connection.']);
    expect(shown[2]).toBe(`* ${bar(8, 21)}  4/10  1 failed  1 gone  1 skipped  1.2 MB  8 s left`);
    expect(shown).toHaveLength(3);
  });

  it('shows a count where the total is not known', () => {
    expect(terminal().tell(begun(undefined), saved({ bytes: 0 }))).toEqual(['* 1 done  0 B']);
  });

  it('keeps the bar in its bounds', () => {
    expect(terminal().tell(begun(0))[0]).toContain(`${bar(24)}  0/0`);
    expect(terminal().tell(begun(1), saved())[0]).toContain(`${bar(24)}  1/1`);
  });

  it('says nothing of single attempts', () => {
    expect(terminal().tell(begun(10), retrying())).toHaveLength(1);
  });

  it('does not name what was not asked for', () => {
    expect(terminal().tell(begun(10), gone('b', undefined, false), failed('c', undefined, false))).toHaveLength(1);
  });

  it('leaves the named failures and the summary behind', () => {
    const { tell, reporter, text } = terminal();
    tell(...some, failed('c'), ended({ total: 3, saved: 1, skipped: 1, failed: 1, bytes: 1_234_567 }));
    reporter.close();
    expect(screenOf(text())).toMatchObject({
      lines: [
        'failed c: No connection.',
        '3 recordings in 0 ms',
        '  1  saved    1.2 MB',
        '  1  skipped  saved before, and still there',
        '  1  failed   see above',
        'Archive: calls',
      ],
      cursorShown: true,
    });
  });

  it('may be closed twice, and before anything was drawn', () => {
    const { reporter, text } = terminal();
    reporter.close();
    reporter.close();
    expect(text()).toBe('');
  });

  it('shows a notice above the bar', () => {
    expect(terminal().tell(begun(10), { type: 'notice', message: 'Mind this.' })[0]).toBe('Mind this.');
  });

  it('makes room for what others write to the terminal', () => {
    const { system, tell, lines } = terminal();
    tell(begun(10));
    system.stderr.write('2026-01-02 a log line\n');
    expect(lines()).toEqual(['2026-01-02 a log line', `* ${bar(0)}  0/10  0 B`]);
  });
});

describe('a recording without an answer', () => {
  it('is said to have none, and for how long', () => {
    const { tell, system, line } = terminal();
    tell(started());
    system.advance(47_000);
    expect(line()).toBe('* Asking for the recording  no answer for 47 s');
    system.advance(60_000);
    expect(line()).toBe('* Asking for the recording  no answer for 1m 47s');
  });

  it('among others is counted, and alone stands for all', () => {
    const { tell, system, line } = terminal();
    tell(begun(3), started('a'), started('b'), progress(1000, 2000, 'b'));
    system.advance(9_000);
    tell(progress(1500, 2000, 'b'));
    expect(line()).toContain('1 with no answer for 12 s');
    tell(saved({ id: 'b' }));
    system.advance(9_000);
    expect(line()).toMatch(/ {2}no answer for 22 s$/);
  });

  it('that waits for its next attempt is not silent', () => {
    const { tell, system, line } = terminal();
    tell(begun(1), started(), retrying('No connection.', 2, 20_000));
    system.advance(10_000);
    expect(line()).toContain('waiting 10 s');
    expect(line()).not.toContain('no answer');
  });
});

describe('a terminal that is given away', () => {
  it('at Ctrl-Z has its cursor and no line of ours, until the tool is continued in its foreground', () => {
    const { tell, system, text, lines, line } = terminal();
    tell(begun(10));
    system.suspend();
    expect(screenOf(text())).toMatchObject({ lines: [], cursorShown: true });
    system.continued(false);
    tell(saved());
    expect(screenOf(text())).toMatchObject({ lines: [], cursorShown: true });
    system.continued(true);
    expect(lines()).toHaveLength(1);
    expect(line()).toContain('1/10');
  });

  it('as the process ends has its cursor', () => {
    const { tell, system, text } = terminal();
    tell(started());
    system.exit(130);
    expect(screenOf(text())).toMatchObject({ lines: [], cursorShown: true });
  });

  it('is not taken again once the reporter is closed', () => {
    const { tell, system, reporter, text } = terminal();
    tell(begun(10));
    reporter.close();
    system.suspend();
    system.continued();
    expect(screenOf(text())).toMatchObject({ lines: [], cursorShown: true });
  });
});

describe('a narrow terminal', () => {
  const busy: ReportEvent[] = [begun(123_456), progress(5e9), saved({ bytes: 5e9 }), skipped(), gone(), failed(), saved({ bytes: 5e9 })];

  it.each([80, 40, 20, 4])('never wraps the line that is drawn again, with %i columns', (columns) => {
    const { tell, text, system } = terminal({ columns });
    tell(begun(123_456));
    tell(...busy.slice(1, 4));
    expect(screenOf(text()).widest).toBeLessThan(columns);
    expect(system.stderr.columns).toBe(columns);
  });

  it('is told what all wait for', () => {
    const shown = terminal().tell(begun(6), started(), retrying('Slow down.', 2, 12_000, 'RATE_LIMITED'));
    expect(shown).toEqual([`* ${bar(0, 19)}  0/6  1 retrying  0 B  waiting 12 s: too many requests`]);
  });

  it('is told that all wait, in 40 columns, and why where there is room', () => {
    const told = [begun(600), started(), retrying('Slow down.', 2, 12_000, 'RATE_LIMITED')];
    expect(terminal({ columns: 40 }).tell(...told)).toEqual([`* ${bar(0, 8)}  0/600  0 B  waiting 12 s`]);
    expect(terminal({ columns: 50 }).tell(...told)).toEqual(['* 0/600  waiting 12 s: too many requests']);
  });

  it('keeps done of total in 40 columns', () => {
    const shown = terminal({ columns: 40 })
      .tell(...busy.slice(0, 4))
      .at(-1);
    expect(shown).toContain('2/123,456');
  });
});

describe('colours on a terminal', () => {
  const COLOUR = '\u001b[3';
  const run: ReportEvent[] = [begun(3), gone('b'), failed('c'), saved()];

  it('are there, and never the only sign of what is meant', () => {
    const { tell, text } = terminal();
    const shown = tell(...run).join('\n');
    expect(text()).toContain('\u001b[31mfailed\u001b[39m c');
    expect(text()).toContain('\u001b[33mgone\u001b[39m b');
    expect(shown).toContain('failed c');
    expect(shown).toContain('1 failed  1 gone');
  });

  it.each<[string, TerminalOptions]>([
    ['--no-color', { color: false }],
    ['NO_COLOR', { env: { NO_COLOR: '1' } }],
    ['FORCE_COLOR=0', { env: { FORCE_COLOR: '0' } }],
  ])('are not there with %s, and all else is', (_how, options) => {
    const { tell, text } = terminal(options);
    const shown = tell(...run);
    expect(text()).not.toContain(COLOUR);
    expect(shown.slice(0, 2)).toEqual(['gone b: The service says: Invalid Id.', 'failed c: No connection.']);
  });
});

describe('a terminal without the signs', () => {
  it('is drawn on with ASCII alone', () => {
    const { tell, text } = terminal({ unicode: false });
    expect(tell(begun(2), started(), saved()).at(-1)).toContain('############------------  1/2');
    expect(terminal({ unicode: false }).tell(saved())).toEqual(['+ Saved 1.2 MB in 3.2 s']);
    // The spinner's own signs are ora's to choose.
    expect(text().replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/gu, '')).toMatch(/^\p{ASCII}*$/u);
  });
});

describe('a terminal that is made narrower', () => {
  /** Draws on 80 columns, then has 40: gives what was written since, and what of it stood before. */
  function narrowed(env: Record<string, string> = {}) {
    const { tell, system, text } = terminal({ env });
    tell(begun(10), ...Array.from({ length: 3 }, () => saved()));
    const before = text();
    Object.defineProperty(system.stderr, 'columns', { value: 40 });
    system.stderr.emit('resize');
    return { since: () => text().slice(before.length), tell, system };
  }

  it('is cleared of the line that it has broken in two', () => {
    expect(narrowed().since()).toContain('\u001b[1A\r\u001b[J');
  });

  it('keeps the line above where the terminal cuts, and does not break', () => {
    expect(narrowed({ XTERM_VERSION: 'XTerm(390)' }).since()).not.toContain('\u001b[1A');
  });

  it('is drawn on within its new width', () => {
    const { tell, since } = narrowed({ XTERM_VERSION: 'XTerm(390)' });
    tell(saved(), saved());
    expect(since()).toContain('5/10');
    expect(screenOf(since()).widest).toBeLessThan(40);
  });
});

describe('what a terminal is spared', () => {
  it('control characters of ids and of the service’s own words', () => {
    const nasty = '\u001b[2J\u009b1m\nx';
    const { tell } = terminal();
    const shown = tell(retrying(nasty), { type: 'notice', message: nasty }, begun(1), failed(nasty, nasty));
    const neutral = '\\u001b[2J\\u009b1m\\u000ax';
    expect(shown.slice(0, 3)).toEqual([`${neutral} Attempt 2 in 1.5 s.`, neutral, `failed ${neutral}: ${neutral}`]);
  });
});
