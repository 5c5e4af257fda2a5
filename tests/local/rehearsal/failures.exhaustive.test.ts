import { describe, expect, test } from 'vitest';
import { run } from '../run.ts';
import { scenariosFor } from './scenarios.ts';

const start = (...args: string[]) => run('src/local/start.ts', args);

describe('a rehearsed failure ends with a rotated key', () => {
  const shows: Record<string, RegExp> = {
    throttled: /✔ createSecret[\s\S]*18 calls to Secrets Manager, 4 to Momento/,
    'lost-answer': /9 calls to Secrets Manager, 2 to Momento/,
    'momento-down': /✖ createSecret .*SERVER_UNAVAILABLE[\s\S]*Momento is back[\s\S]*✔ finishSecret/,
    'key-refused': /✖ testSecret .*AWSPENDING was taken off[\s\S]*✔ finishSecret/,
    'key-expired': /✖ createSecret .*It expired on[\s\S]*stores a fresh key[\s\S]*✔ finishSecret/,
    'function-killed': /✖ createSecret .*signal: killed[\s\S]*tries the rotation again[\s\S]*✔ finishSecret/,
    'token-spent': /signal: killed[\s\S]*still works, so applications are not affected[\s\S]*✔ finishSecret/,
    operator: /→ somebody stored a value of their own[\s\S]*✔ finishSecret/,
  };

  test('each scenario is looked at', () => {
    expect(Object.keys(shows)).toEqual(scenariosFor('v1'));
  });

  test.each(Object.entries(shows))('%s', async (name, pattern) => {
    const rehearsal = start('--scenario', name);
    expect(await rehearsal.ended).toBe(0);
    expect(rehearsal.output()).toMatch(pattern);
  });
});

describe('a rehearsed failure of a v2 key ends with a rotated key, and none left over', () => {
  const current = String.raw`[\s\S]*✔ the current key still reads from a cache[\s\S]*`;
  const shows: Record<string, RegExp> = {
    throttled: /✔ createSecret[\s\S]*calls to Secrets Manager, 7 to Momento/,
    'lost-answer': /✔ createSecret/,
    'momento-down': new RegExp(`✖ createSecret .*did not issue a successor${current}Momento is back`),
    'key-refused': new RegExp(`✖ testSecret .*AWSPENDING was taken off${current}✔ finishSecret`),
    'function-killed': new RegExp(`✖ createSecret .*signal: killed${current}tries the rotation again`),
    operator: new RegExp(`→ somebody stored a value of their own${current}✔ finishSecret`),
    'admin-key-denied': new RegExp(
      `✖ createSecret .*HTTP 403.*does not let the key in the secret that MOMENTO_ADMIN_SECRET names${current}✔`,
    ),
    'admin-key-expired': new RegExp(
      `✖ createSecret .*the secret that MOMENTO_ADMIN_SECRET names, .*It expired on${current}✔ finishSecret`,
    ),
    'role-deleted': new RegExp(`✖ createSecret .*HTTP 404.*no such role as MOMENTO_ROLES${current}✔ finishSecret`),
  };

  test('each scenario is looked at', () => {
    expect(Object.keys(shows)).toEqual(scenariosFor('v2'));
  });

  // Most of the time they wait for the end of the overlap.
  test.each([
    ['throttled', 'lost-answer', 'momento-down'],
    ['key-refused', 'function-killed', 'operator'],
    ['admin-key-denied', 'admin-key-expired', 'role-deleted'],
  ])('%s, %s, %s', async (...names) => {
    const rehearsals = names.map((name) => ({
      name,
      rehearsal: start('--key', 'v2', '--revoke-first-key', '--scenario', name),
    }));
    for (const { name, rehearsal } of rehearsals) {
      expect(await rehearsal.ended, rehearsal.output()).toBe(0);
      expect(rehearsal.output()).toMatch(shows[name] as RegExp);
      expect(rehearsal.output()).toMatch(/✔ no key is left over .* 2 now/);
    }
  });
});
