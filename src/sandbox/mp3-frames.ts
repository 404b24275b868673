/**
 * One MP3 frame for each tone of {@link TONE_CYCLES}: MPEG-2.5 layer III, 32 kbit/s, 8 kHz, mono, 576 samples in 288 bytes, without the
 * zeros that fill its end. Each was cut from the middle of a steady tone, made with
 *
 *     sox -D -n -r 8000 -c 1 -b 16 tone.wav synth 3 sine <cycles / 0.072> vol 0.2
 *     lame --nores --cbr -b 32 -m m -t tone.wav tone.mp3
 *
 * `--nores` leaves the bit reservoir unused, so that no frame leans on another; and as each tone fits a whole number of times into a
 * frame's 576 samples, every frame of the steady tone is the same, and repeating one plays the tone without a seam.
 */
const FRAMES = [
  '/+NIxAAPw/IMALgLIP/q/nfhEOXBhXIEfhcGNDf/+WT6/q/r/rf84e/v/Hf2/t/b//v+gb//o/9v1ZPjR36t+rfjR3/+rf/43qvq60xBTUUzLjEwMA==', // 388.9 Hz
  '/+NIxAAJG4YMALgVKP////4R9owY5p/hEA/BgBZ//9///t///5UOaf/////7///5QumIKaimZcYmBg==', // 444.4 Hz
  '/+NIxAAK+/YIALgLIP//qf//wj80gzHS//9X//7f//w3//7f//f//1//+MHf////+v//0b//xn/SmIKaimZcYmBg', // 500.0 Hz
  '/+NIxAAOhAoMAL1EwPln/6v/nP/hHuCBkXt4R5QMmPqf///wQ3/oP/9//Rv/v///8b/7f+rf/f/0b/wQ//q3/gm/+//g3epMQU1FMy4xMDA=', // 583.3 Hz
  '/+NIxAAHWMYMAAWuoPhEXYMYZ4R59QZMt/J////////R//9P//2/Z//9iYgpqKZlxiYG', // 666.7 Hz
  '/+NIxAAPLCYIALXO4KvnP/+df//Ov/4RcQDOe4R/PgZg2f/6lv/8oMf/6Fv/+2nv/GPv/qDE//3//sox////+Ub////9WR//yrJiCmopmXGJgYA=', // 777.8 Hz
  '/+NIxAALHAoIAAXU4P4RHVwYVDBHv9BmlX//6///////9Bz///1b//+3/////2//9P////gjHNX9SYgpqKZlxiYG', // 888.9 Hz
  '/+NIxAAHs2YMALgPKP////////3//8IzmIM5iP////t/////9v//EJf//6ExBTUUzLjEwMA=', // 1000.0 Hz
] as const;

/** How often each tone swings within one MP3 frame (576 samples, 72 ms): the pitch is this many times 8000 / 576 Hz. */
export const TONE_CYCLES = [28, 32, 36, 42, 48, 56, 64, 72] as const;

/** The bytes of one frame at 32 kbit/s and 8 kHz. */
export const FRAME_BYTES = 288;

/** The frame of each tone, in the order of {@link TONE_CYCLES}, filled up with zeros to {@link FRAME_BYTES}. */
export function toneFrames(): readonly Buffer[] {
  return FRAMES.map((base64) => {
    const frame = Buffer.alloc(FRAME_BYTES);
    Buffer.from(base64, 'base64').copy(frame);
    return frame;
  });
}
