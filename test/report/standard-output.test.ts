import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RecordingError } from '../../src/errors.ts';
import { watchOutput } from '../../src/report/standard-output.ts';

/** A stream whose writes end as the test says, each on a later turn. */
function stream(fault?: { code?: string; message?: string; syscall?: string }) {
  const chunks: string[] = [];
  const output = new Writable({
    autoDestroy: false,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      setImmediate(() => done(fault === undefined ? null : Object.assign(new Error(fault.message ?? fault.code), fault)));
    },
  });
  const faults: RecordingError[] = [];
  return { chunks, faults, output: watchOutput(output, (error) => faults.push(error)) };
}

describe('standard output that is watched', () => {
  it('writes lines, and says when they have gone out', async () => {
    const { output, chunks, faults } = stream();
    output.line('a');
    output.line('b');
    await output.flushed();
    expect(chunks.slice(0, 2)).toEqual(['a\n', 'b\n']);
    expect([faults, output.fault, output.isClosed]).toEqual([[], undefined, false]);
  });

  it('writes nothing to see whether it can, where nothing was written', async () => {
    const { output, chunks } = stream({ code: 'ENOSPC', syscall: 'write' });
    await output.flushed();
    expect([chunks, output.fault]).toEqual([[], undefined]);
  });

  it('that is closed is told once, as what ends a run quietly', async () => {
    const { output, faults } = stream({ code: 'EPIPE', syscall: 'write' });
    output.line('a');
    output.line('b');
    await output.flushed();
    expect(faults).toEqual([output.fault]);
    expect(output.fault).toMatchObject({ code: 'INTERRUPTED', exitCode: 0 });
    expect(output.isClosed).toBe(true);
  });

  it('takes no more lines once it has failed', async () => {
    const { output, chunks } = stream({ code: 'EPIPE', syscall: 'write' });
    output.line('a');
    await output.flushed();
    const before = chunks.length;
    output.line('b');
    await output.flushed();
    expect(chunks.length).toBe(before);
  });

  it.each([
    [{ code: 'ENOSPC', syscall: 'write' }, 'Cannot write to standard output: the disk is full.'],
    [{ message: 'write after end' }, 'Cannot write to standard output: write after end'],
  ])('that fails otherwise (%j) is an error of the file system', async (fault, message) => {
    const { output, faults } = stream(fault);
    output.line('a');
    await output.flushed();
    expect(faults).toHaveLength(1);
    expect(output.fault).toMatchObject({ code: 'FILE_SYSTEM', exitCode: 7, message });
    expect(output.isClosed).toBe(false);
  });
});
