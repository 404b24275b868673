import { isObject } from '../is-object.ts';
import { normaliseHeader } from './columns.ts';
import { idColumns } from './id-column.ts';
import type { JsonText } from './json-values.ts';

/** A record of JSON, its nested values under keys with dots. */
export type JsonRecord = Map<string, string>;

/** Where in each value the records are: the keys that lead to the array of them; none where the value itself is a record. */
export type RecordPath = readonly string[];

/** So deep may the array of records lie in an answer. */
const DEEPEST_ARRAY = 4;
/** Objects below this are given as JSON. */
const DEEPEST_KEY = 8;

/** Parses a value. A number with more digits than JavaScript keeps comes as a string. Throws SyntaxError. */
export function parseValue({ text, parsed }: JsonText): unknown {
  if (!/[:[,\s]-?\d{16}/u.test(text)) return parsed === undefined ? JSON.parse(text) : parsed;
  return JSON.parse(text.replace(/("(?:[^"\\]|\\[\s\S])*")|(-?\d{16,})(?![\d.eE])/gu, (_, string, number) => string ?? `"${number}"`));
}

/** The record that an object is: nested objects become keys with dots, arrays JSON, null nothing. */
export function recordOf(value: Record<string, unknown>): JsonRecord {
  const record: JsonRecord = new Map();
  addTo(record, '', value, 0);
  return record;
}

function addTo(record: JsonRecord, prefix: string, value: Record<string, unknown>, depth: number): void {
  for (const key of Object.keys(value)) {
    const inner = value[key];
    if (isObject(inner) && depth < DEEPEST_KEY) addTo(record, `${prefix}${key}.`, inner, depth + 1);
    else record.set(`${prefix}${key}`, textOf(inner));
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The arrays of objects in a value, at most {@link DEEPEST_ARRAY} deep, each with the keys that lead to it. */
export function arraysIn(value: unknown, path: RecordPath = []): { path: RecordPath; objects: Record<string, unknown>[] }[] {
  if (Array.isArray(value)) return path.length > 0 && value.some(isObject) ? [{ path, objects: value.filter(isObject) }] : [];
  if (!isObject(value) || path.length === DEEPEST_ARRAY) return [];
  return Object.keys(value).flatMap((key) => arraysIn(value[key], [...path, key]));
}

/** The objects at a path in a value; undefined where the value has none there. */
export function objectsAt(value: unknown, path: RecordPath): unknown[] | undefined {
  let at = value;
  for (const key of path) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  if (path.length === 0) return [at];
  return Array.isArray(at) ? at : undefined;
}

/** The keys of records, in the order in which they first occur. */
export function keysOf(records: readonly JsonRecord[]): string[] {
  return [...new Set(records.flatMap((record) => [...record.keys()]))];
}

/**
 * The index of the key that holds the id: the one that `column` names, else one like `Recording ID`, dots not counted (`recording.id`), else the
 * only one whose last part reads so (`call.recordingId`), else `id`. Undefined where there is none, or more than one of a kind.
 */
export function idKey(keys: readonly string[], column: string | undefined): number | undefined {
  const plain = only(idColumns(keys, column));
  if (plain !== undefined || column !== undefined) return plain;
  const dotless = keys.map((key) => key.replaceAll('.', ' '));
  const last = keys.map((key) => key.slice(key.lastIndexOf('.') + 1));
  return (
    only(idColumns(dotless, undefined)) ??
    only(idColumns(last, undefined)) ??
    only(keys.flatMap((key, index) => (normaliseHeader(key) === 'id' ? [index] : [])))
  );
}

function only(indexes: readonly number[]): number | undefined {
  return indexes.length === 1 ? indexes[0] : undefined;
}
