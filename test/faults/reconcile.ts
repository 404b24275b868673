import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { linesOf, type ToolRun } from '../helpers/run-tool.ts';
import type { Tool } from '../helpers/tool-test.ts';

/** The ids of a batch by how they ended. */
export type Ends = Record<'saved' | 'skipped' | 'gone' | 'failed', string[]>;

/** The last line of the manifest for each id. Passes over lines that are torn, as the tool does. */
export async function lastLines(tool: Tool, folder: string): Promise<Map<string, Record<string, unknown>>> {
  const last = new Map<string, Record<string, unknown>>();
  if (!existsSync(tool.path(folder, 'manifest.jsonl'))) return last;
  for (const text of linesOf(String(await tool.read(`${folder}/manifest.jsonl`)))) {
    try {
      const line = JSON.parse(text) as { id: string };
      last.set(line.id, line);
    } catch {
      // Torn by a kill, or by a full disk.
    }
  }
  return last;
}

/**
 * Holds everything that tells of a batch (run with `--json`) against each other: each id of the list has one end at most, and each has one where the
 * run was not stopped; the summary counts them, the manifest's last lines and `failed.txt` say the same, and the exit code fits. Returns the ends.
 */
export async function expectOneStory(tool: Tool, folder: string, ids: readonly string[], run: ToolRun): Promise<Ends> {
  const lines = run.json();
  const summary = lines.find((line) => 'summary' in line)?.summary;
  const ends: Ends = { saved: [], skipped: [], gone: [], failed: [] };
  for (const line of lines) if (line.id !== null && 'status' in line) ends[line.status as keyof Ends].push(line.id);
  for (const list of Object.values(ends)) list.sort();

  const ended = Object.values(ends).flat().sort();
  const isStopped = run.exitCode !== 0 && run.exitCode !== 9;
  if (isStopped) expect(new Set(ended).size, 'no row has two ends').toBe(ended.length);
  else expect(ended, 'each row has exactly one end').toEqual([...ids].sort());
  expect(ids, 'no other row has one').toEqual(expect.arrayContaining(ended));
  const counts = Object.fromEntries(Object.entries(ends).map(([end, list]) => [end, list.length]));
  expect(summary, 'the summary counts the ends').toMatchObject(counts);
  expect(summary.total, 'and the rows that were not reached').toBe(ended.length + summary.notReached);
  expect(summary.notReached).toBeLessThanOrEqual(ids.length - ended.length);

  const last = await lastLines(tool, folder);
  for (const [end, list] of Object.entries(ends)) {
    const status = end === 'skipped' ? 'saved' : end;
    for (const id of list) expect({ id, status: last.get(id)?.status }, 'the manifest').toEqual({ id, status });
  }

  const failedFile = tool.path(folder, 'failed.txt');
  const listed = existsSync(failedFile) ? linesOf(String(await tool.read(`${folder}/failed.txt`))).sort() : [];
  const failed = [...last].flatMap(([id, { status }]) => (status === 'failed' ? [id] : []));
  expect(listed, 'failed.txt').toEqual(failed.sort());
  expect(failed, 'failed.txt').toEqual(expect.arrayContaining(ends.failed));

  // Those that are gone count only when this run found it out.
  const isAllHad = ends.failed.length + ends.gone.length === 0;
  if (!isStopped) {
    expect(run.exitCode === 0, `exit code ${run.exitCode}`).toBe(isAllHad || (run.exitCode === 0 && ends.failed.length === 0));
  }
  return ends;
}
