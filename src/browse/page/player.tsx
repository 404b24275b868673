import { useEffect, useRef, useState } from 'preact/hooks';
import WaveSurfer from 'wavesurfer.js';
import { ask, type Details } from './api.ts';
import { clockText } from './format.ts';
import { useStored } from './use-stored.ts';

/** A browser decodes a whole file to draw it; a longer one is drawn as a line. */
const MOST_DECODED_BYTES = 15_000_000;
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
/** How far the keys and the button go, in seconds. */
export const STEP_SECONDS = 5;

/** What the keys of the page do to the sound. */
export interface Controls {
  toggle(): void;
  step(seconds: number): void;
  faster(steps: 1 | -1): void;
}

/** Plays a recording, with its waveform. It begins as soon as it is open where `autoplay` says so. */
export function Player(props: {
  details: Details;
  autoplay: boolean;
  nonce: string;
  through: boolean;
  /** Whether only those that are selected are played through. */
  throughSelection: boolean;
  onThrough: (through: boolean) => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onEnded: () => void;
  controls: { current: Controls | undefined };
}) {
  const { details, autoplay, nonce, through } = props;
  const wave = useRef<HTMLDivElement>(null);
  const media = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [position, setPosition] = useState(0);
  const [length, setLength] = useState(details.seconds ?? 0);
  const [speed, setSpeed] = useStored(
    'speed',
    1,
    (stored): stored is number => typeof stored === 'number' && stored >= 0.0625 && stored <= 16,
  );
  const [fault, setFault] = useState<string>();
  const ended = useRef(props.onEnded);
  ended.current = props.onEnded;
  const cannot = details.cannotPlay ?? (details.size === undefined ? 'missing' : undefined);
  const { key, size, seconds } = details;
  const shown = useRef(key);
  shown.current = key;

  useEffect(() => {
    setFault(undefined);
    setPosition(0);
    setLength(seconds ?? 0);
    const audio = media.current;
    if (audio === null || cannot !== undefined) return;
    audio.preservesPitch = true;
    let isOver = false;
    let surfer: WaveSurfer | undefined;
    audio.src = `sound/${key}`;
    if (autoplay) audio.play().catch(() => undefined);
    (async () => {
      const drawn = await ask<{ peaks: number[]; seconds: number } | null>(`peaks/${key}`).catch(() => null);
      if (isOver || wave.current === null) return;
      const decodes = drawn === null && (size ?? 0) <= MOST_DECODED_BYTES;
      const peaks = drawn?.peaks ?? (decodes ? await decodedPeaks(`sound/${key}`) : undefined);
      if (isOver || wave.current === null || peaks === undefined) return;
      const style = getComputedStyle(document.documentElement);
      surfer = WaveSurfer.create({
        container: wave.current,
        media: audio,
        peaks: [peaks],
        duration: drawn?.seconds ?? (Number.isFinite(audio.duration) ? audio.duration : (seconds ?? 1)),
        height: 48,
        cspNonce: nonce,
        waveColor: style.getPropertyValue('--wave').trim(),
        progressColor: style.getPropertyValue('--accent').trim(),
        cursorColor: style.getPropertyValue('--text').trim(),
        normalize: true,
        barWidth: 2,
        barGap: 1,
      });
    })();
    return () => {
      isOver = true;
      audio.pause();
      surfer?.destroy();
      audio.removeAttribute('src');
      audio.load();
    };
  }, [key, cannot, autoplay, nonce, size, seconds]);

  useEffect(() => {
    if (media.current) media.current.playbackRate = speed;
  }, [speed, key]);

  const toggle = () => {
    const audio = media.current;
    if (audio === null || cannot !== undefined) return;
    if (!audio.paused) return audio.pause();
    setFault(undefined);
    if (audio.error !== null) audio.load();
    audio.play().catch((error: Error) => (error.name === 'AbortError' ? undefined : explain()));
  };
  const seek = (to: number) => {
    if (media.current) media.current.currentTime = Math.max(0, Math.min(to, length || to));
  };
  const explain = async () => {
    // Of a server or a file that is out of reach, the page tells in another place.
    const now = await ask<Details>(`details/${key}`).catch(() => undefined);
    if (now === undefined || shown.current !== key) return;
    setFault(
      now.size === undefined
        ? 'This recording cannot be played: its file is missing.'
        : 'This browser cannot play it. Open the file in another player.',
    );
  };
  props.controls.current = {
    toggle,
    step: (by) => seek((media.current?.currentTime ?? 0) + by),
    faster: (steps) => setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(speed) + steps))] ?? 1),
  };

  return (
    <div class="player">
      {/* biome-ignore lint/a11y/useMediaCaption: nobody has written down what is said in these calls */}
      <audio
        ref={media}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={(event) => setPosition(event.currentTarget.currentTime)}
        onDurationChange={(event) => Number.isFinite(event.currentTarget.duration) && setLength(event.currentTarget.duration)}
        onRateChange={(event) => setSpeed(event.currentTarget.playbackRate)}
        onEnded={() => ended.current()}
        onError={() => cannot === undefined && explain()}
      />
      <div class="transport">
        <button
          type="button"
          onClick={props.onPrevious}
          disabled={props.onPrevious === undefined}
          aria-label="Previous"
          title="Previous (p)"
        >
          <Icon path="M6 5v14h2V5zm12 0v14L9 12z" />
        </button>
        <button
          type="button"
          onClick={() => props.controls.current?.step(-STEP_SECONDS)}
          disabled={cannot !== undefined}
          aria-label="Back 5 seconds"
          title="Back 5 seconds (←)"
        >
          <Icon path="M12 5V1L6 6.5l6 5.5V8a6 6 0 1 1-6 6H4a8 8 0 1 0 8-9z" />
        </button>
        <button
          type="button"
          class="play"
          onClick={toggle}
          disabled={cannot !== undefined}
          aria-label={playing ? 'Pause' : 'Play'}
          title="Space"
        >
          <Icon path={playing ? 'M6 5h4v14H6zm8 0h4v14h-4z' : 'M7 4v16l13-8z'} />
        </button>
        <button type="button" onClick={props.onNext} disabled={props.onNext === undefined} aria-label="Next" title="Next (n)">
          <Icon path="M16 5v14h2V5zM6 5v14l9-7z" />
        </button>
      </div>
      {cannot === undefined ? (
        <div class="sound">
          <div class="wave" ref={wave} aria-hidden="true" />
          <input
            type="range"
            aria-label="Position"
            min={0}
            max={length || 1}
            step={0.1}
            value={position}
            aria-valuetext={`${clockText(position)} of ${clockText(length)}`}
            onInput={(event) => seek(event.currentTarget.valueAsNumber)}
          />
        </div>
      ) : (
        <p class="cannot" role="alert">
          {cannot === 'missing'
            ? 'This recording cannot be played: its file is missing.'
            : `A browser cannot play this recording: it is ${cannot}. Download it, and open it in another player.`}
        </p>
      )}
      <div class="settings">
        <span class="time">
          {clockText(position)} / {clockText(length)}
        </span>
        <label>
          Speed
          <select value={String(speed)} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
            {SPEEDS.map((each) => (
              <option key={each} value={String(each)}>
                {each}×
              </option>
            ))}
          </select>
        </label>
        <label title="When one ends, the next one is played">
          <input type="checkbox" checked={through} onChange={() => props.onThrough(!through)} />
          {props.throughSelection ? 'Play through the selection' : 'Play through'}
        </label>
      </div>
      {fault !== undefined && (
        <p class="cannot" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

/** A sign on a button, which has its name beside it. */
function Icon({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
      <path fill="currentColor" d={path} />
    </svg>
  );
}

/** The loudness of a short recording over its length, decoded here; undefined where the browser cannot. */
async function decodedPeaks(path: string): Promise<number[] | undefined> {
  try {
    const bytes = await (await fetch(path)).arrayBuffer();
    const decoded = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(bytes);
    const samples = decoded.getChannelData(0);
    const count = Math.min(800, samples.length);
    return Array.from({ length: count }, (_, index) => {
      const part = samples.subarray(Math.floor((samples.length * index) / count), Math.floor((samples.length * (index + 1)) / count));
      return part.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    });
  } catch {
    return undefined;
  }
}
