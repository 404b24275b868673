/** A WAV recording of so many bytes (44 at least), the same for the same seed; its samples differ from byte to byte, so that a shift shows. */
export function wav(length: number, seed = 1): Uint8Array {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    // A linear congruential generator (Numerical Recipes' constants).
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(Math.max(0, length - 8), 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  return bytes;
}
