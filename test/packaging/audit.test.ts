import { expect, test } from 'vitest';
import { judgeAudit } from '../../src/build/audit.js';

const bundled = new Set(['got', 'chalk']);
const report = (...found: { name: string; severity: string; range: string }[]) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities: Object.fromEntries(found.map((one) => [one.name, one])) });

test.each(['moderate', 'high', 'critical'])('a hole in what is shipped fails the check (%s)', (severity) => {
  const { code, lines } = judgeAudit(report({ name: 'got', severity, range: '<14' }), bundled);
  expect(code).toBe(1);
  expect(lines).toContain(`  got <14 (${severity})`);
});

test('a lesser one, and one in what only builds and tests, is told of and fails nothing', () => {
  const found = [
    { name: 'got', severity: 'low', range: '*' },
    { name: 'koa', severity: 'critical', range: '<2' },
  ];
  const { code, lines } = judgeAudit(report(...found), bundled);
  expect(code).toBe(0);
  expect(lines).toEqual(['No known holes in what is shipped.', expect.any(String), '  got * (low)', '  koa <2 (critical)']);
});

test.each(['', 'npm error', '{"error":{"code":"ENOTFOUND"}}', '{"message":"405 Method Not Allowed","statusCode":405}', 'null'])(
  'a registry that does not answer (%j) is told of, and fails nothing',
  (output) => {
    expect(judgeAudit(output, bundled)).toEqual({ code: 0, lines: ['The registry gave no advisories: nothing was checked.'] });
  },
);
