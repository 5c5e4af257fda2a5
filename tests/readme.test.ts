import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scenarios } from '../src/local/rehearsal/scenarios.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What Lambda says, codes, and names in the stack's outputs. */
const NOT_OURS = ['AccessDeniedException', 'Task timed out', 'Runtime exited'];

/** The function's source, with line breaks inside of templates as they are. */
const source = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(join('src', path)))
  .join('\n');

test('every error message in the README is one that the function or the service has', () => {
  const [, troubleshooting = ''] = read('README.md').split('## Troubleshooting');
  const messages = [...troubleshooting.matchAll(/^\| (.*?) \|/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
    .flatMap(([, message = '']) => message.split('…'))
    .map((part) => part.trim())
    .filter((part) => part.length > 8 && !NOT_OURS.includes(part));
  expect(messages.length).toBeGreaterThan(15);

  // Names of the service, and codes, are put in when the function runs.
  const templates = source.replaceAll(/\$\{(?:kind\.wording\.|rotation\.kind\.wording\.)?service\}/g, 'Momento');
  const missing = messages.filter((part) => !templates.includes(part.replace(/[.:]$/, '')));
  expect(missing).toEqual([]);
});

test('the README says which scenarios are for one kind of key only', () => {
  const readme = read('README.md');
  const only = (key: string) =>
    Object.entries(scenarios)
      .filter(([, scenario]) => scenario().keys?.every((each) => each === key))
      .map(([name]) => name);
  const [, ofBoth = ''] = /--scenario NAME`(.*)$/m.exec(readme) ?? [];
  expect([...ofBoth.matchAll(/`([a-z-]+)` \(v1 keys only\)/g)].map(([, name]) => name)).toEqual(only('v1'));
  const [, ofV2 = ''] = /--key v2`.* with `--scenario` also (.*)$/m.exec(readme) ?? [];
  expect([...ofV2.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)).toEqual(only('v2'));
});

test('every scenario and every environment variable in the README exists', () => {
  const readme = read('README.md');
  for (const [row, source] of [
    [/--scenario NAME`(.*)$/m, 'scenarios.ts'],
    [/with `--scenario` also (.*)$/m, 'management-scenarios.ts'],
  ] as const) {
    const [, names = ''] = row.exec(readme) ?? [];
    const scenarios = [...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
    const known = [...read(`src/local/rehearsal/${source}`).matchAll(/^ {2}'?([a-z-]+)'?: \(\) =>/gm)];
    expect(scenarios).toEqual(known.map(([, name]) => name));
  }

  for (const name of readme.match(/\b(MOMENTO|POWERTOOLS)_[A-Z_]+\b/g) ?? []) {
    if (name !== 'POWERTOOLS_LOG_LEVEL') expect(source).toContain(name);
  }
});
