import { describe, expect, test } from 'vitest';
import { Ajv2020 } from '../../src/build/stand-ins/ajv.js';
import CacheableLookup from '../../src/build/stand-ins/cacheable-lookup.js';
import CacheableRequest, { CacheError } from '../../src/build/stand-ins/cacheable-request.js';
import envPaths from '../../src/build/stand-ins/env-paths.js';
import http2 from '../../src/build/stand-ins/http2-wrapper.js';
import semver from '../../src/build/stand-ins/semver.js';
import { standIns } from '../../src/build/stand-ins.js';

describe('a stand-in', () => {
  test.each<[string, () => unknown]>([
    ["got's option http2", () => http2.auto],
    ["got's option http2", () => http2.globalAgent],
    ["got's option cache", () => new CacheableRequest()],
    ["got's option dnsCache", () => new CacheableLookup()],
    ["conf's option schema", () => new Ajv2020()],
    ["conf's option migrations", () => semver.satisfies()],
    ["conf's folder of its own choice", () => envPaths()],
  ])('says, when it is used after all, that %s is left out', (feature, use) => {
    expect(use).toThrow(`${feature} is left out of this build.`);
  });

  test('never takes an error of another kind for one of its own', () => {
    expect(new Error('other')).not.toBeInstanceOf(CacheError);
  });
});

describe('standIns', () => {
  const resolve = (plugin: ReturnType<typeof standIns>, source: string, importer: string) =>
    (plugin.resolveId as (source: string, importer: string) => string | null)(source, importer);

  test('serves the library that it is made for, and nobody else', () => {
    const plugin = standIns();
    expect(resolve(plugin, 'semver', '/p/node_modules/conf/dist/source/index.js')).toMatch(/stand-ins\/semver\.js$/);
    expect(resolve(plugin, 'semver', '/p/src/main.ts')).toBeNull();
    expect(resolve(plugin, 'semver', '/p/node_modules/other/index.js')).toBeNull();
    expect(resolve(plugin, 'keyv', '/p/node_modules/got/dist/source/index.js')).toBeNull();
  });

  test('fails the build when a library has stopped importing a part that has a stand-in', () => {
    const end = standIns().buildEnd as (error?: Error) => void;
    expect(() => end()).toThrow(/Nothing imports what these stand in for: http2-wrapper/);
  });

  test('leaves the error of a build that failed for another reason as it is', () => {
    const end = standIns().buildEnd as (error?: Error) => void;
    expect(() => end(new Error('syntax'))).not.toThrow();
  });
});
