import { distance } from 'fastest-levenshtein';

/** The candidate that a word was most likely meant to be; undefined where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }));
  const [best] = ranked.sort((one, other) => one.far - other.far);
  return best !== undefined && best.far <= Math.max(1, Math.floor(best.candidate.length * 0.4)) ? best.candidate : undefined;
}
