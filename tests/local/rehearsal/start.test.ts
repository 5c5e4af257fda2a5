import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LocalMomento, startMomento } from '../../../src/local/momento/momento.ts';
import { scenarios } from '../../../src/local/rehearsal/scenarios.ts';
import { findLeaks } from '../../leaks.ts';
import { run, runSource } from '../run.ts';

const start = (...args: string[]) => run('src/local/start.ts', args);

describe('npm start', () => {
  test('shows a rotation step by step, and exits with 0', async () => {
    const rehearsal = runSource('src/local/start.ts');
    expect(await rehearsal.ended).toBe(0);

    const output = rehearsal.output();
    const inOrder = [
      /before {2}\S{8}… {2}AWSCURRENT +key-1, valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
      /version \S{8}… is registered as AWSPENDING/,
      /✔ createSecret +\d+ ms/,
      /✔ setSecret +\d+ ms/,
      /✔ testSecret +\d+ ms/,
      /✔ finishSecret +\d+ ms/,
      /7 calls to Secrets Manager, 2 to Momento/,
      /after {3}\S{8}… {2}AWSCURRENT\S*( AWSPENDING)? +key-2/,
      /\n {10}\S{8}… {2}AWSPREVIOUS +key-1/,
      /✔ get-secret-value answers with another key/,
      /✔ the new key reads from a cache/,
      /✔ the key before still does/,
      /✔ a spoilt copy of the new key does not/,
    ].map((pattern) => output.search(pattern));
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    expect(inOrder).not.toContain(-1);
    // Before the rotation, and after it.
    for (const label of ['AWSCURRENT  ', 'AWSPREVIOUS']) expect(output.split(label).length).toBeLessThanOrEqual(2);
    for (const caption of ['before', 'after'])
      expect(output.match(new RegExp(`^ {2}${caption} `, 'gm'))).toHaveLength(1);
  });

  test('is plain when it is piped', async () => {
    // Where some libraries colour whatever they write.
    const rehearsal = run('src/local/start.ts', [], { CI: 'true', GITHUB_ACTIONS: 'true' });
    await rehearsal.ended;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(rehearsal.output()).not.toMatch(/[\u001b\r]/);
  });

  test("shows the function's log lines when asked", async () => {
    const rehearsal = start('--verbose');
    expect(await rehearsal.ended).toBe(0);
    expect(rehearsal.output()).toMatch(/│ \{"level":"INFO","message":"finishSecret: promoted"/);
  });

  test('explains itself', async () => {
    const help = start('--help');
    expect(await help.ended).toBe(0);
    for (const word of ['--key', '--scenario', '--key-file', '--out', 'v2-self-managed', ...Object.keys(scenarios)]) {
      expect(help.output()).toContain(word);
    }
  });

  // Every other mistake is in tests/command/mistakes.test.ts.
  test('answers a mistake in one line, and exits with 1', async () => {
    const wrong = start('--key', 'v3');
    expect(await wrong.ended).toBe(1);
    expect(wrong.output()).toMatch(/^error: .* Allowed choices are v1, v2, v2-self-managed\.\n$/);
    const missing = start('--key-file', 'no-such-file.json', '--out', 'y.json');
    expect(await missing.ended).toBe(1);
    expect(missing.output()).toMatch(/^error: --key-file: .*no-such-file.*\n$/);
  });
});

describe('with a key of a Momento elsewhere', () => {
  const there = { MOMENTO_HOSTS: '127.0.0.1' };
  const startThere = (...args: string[]) => run('src/local/start.ts', args, there);
  let folder: string;
  let momento: LocalMomento;
  const file = (name: string) => join(folder, name);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rehearsal-'));
    momento = await startMomento();
  });
  afterEach(async () => {
    await momento.close();
    await rm(folder, { recursive: true });
  });

  test('rotates it there, and writes the successor', async () => {
    const key = momento.issueKey();
    await writeFile(file('key.json'), key.secretString);

    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('successor.json'));
    expect(await rehearsal.ended).toBe(0);

    const successor = await readFile(file('successor.json'), 'utf8');
    expect(JSON.parse(successor).apiKey).not.toBe(key.apiKey);
    expect(momento.isValid(JSON.parse(successor).apiKey)).toBe(true);
    expect((await stat(file('successor.json'))).mode & 0o777).toBe(0o600);
    expect(rehearsal.output()).toContain('a spoilt copy of the new key does not');
    expect(findLeaks(rehearsal.output(), momento.secretsInPlay())).toEqual([]);
  });

  test('replaces a v2 key by means of itself, and revokes nothing', async () => {
    const key = momento.issueV2Key({ roleId: 'owner' });
    await writeFile(file('key.json'), key.secretString);

    const args = ['--key-file', file('key.json'), '--out', file('successor.json')];
    const rehearsal = run('src/local/start.ts', args, {
      ...there,
      MOMENTO_API_KEYS_ENDPOINT: momento.apiKeysEndpoint,
    });
    expect(await rehearsal.ended).toBe(0);

    const successor = JSON.parse(await readFile(file('successor.json'), 'utf8'));
    expect(momento.liveV2Keys().map(({ keyId }) => keyId)).toEqual([key.keyId, successor.keyId]);
    expect(rehearsal.output()).toContain('a spoilt copy of the new key does not');
    expect(rehearsal.output()).toContain('the key in --key-file works until somebody revokes it');
    expect(findLeaks(rehearsal.output(), momento.secretsInPlay())).toEqual([]);
  });

  test('reads from the cache that is named', async () => {
    momento.createCache('a-cache');
    await writeFile(file('key.json'), momento.issueKey().secretString);

    const options = ['--key-file', file('key.json'), '--out', file('out.json'), '--ping-cache', 'a-cache'];
    expect(await startThere(...options).ended).toBe(0);
    expect(momento.calls.filter(({ rpc }) => rpc === 'Get').map(({ cache }) => cache)).toEqual(
      Array.from({ length: 4 }, () => 'a-cache'),
    );
  });

  const slowRefresh = () =>
    momento.faults.add({ call: 'RefreshApiToken', at: 'after', mishap: { kind: 'delay', ms: 1000 } });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s in the middle loses no successor', async (signal) => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    slowRefresh();
    const asked = new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (momento.issuedKeys().length < 2) return;
        clearInterval(poll);
        resolve();
      }, 20);
    });

    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('successor.json'));
    await asked;
    rehearsal.signalAll(signal);

    expect(await rehearsal.ended).toBe(0);
    expect(rehearsal.output()).toContain('finishing first');
    expect(momento.isValid(JSON.parse(await readFile(file('successor.json'), 'utf8')).apiKey)).toBe(true);
  });

  test('a reader that stops reading loses no successor', async () => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('successor.json'));
    await rehearsal.until(/Rehearsal/);
    rehearsal.stopReading();

    expect(await rehearsal.ended).toBe(0);
    expect(momento.isValid(JSON.parse(await readFile(file('successor.json'), 'utf8')).apiKey)).toBe(true);
  });

  test('keeps a successor that was refused and given up', async () => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    const refused = { kind: 'error', error: { code: 'UNAUTHENTICATED' } } as const;
    momento.faults.add({ call: 'Get', mishap: refused, times: 4 });

    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('successor.json'));
    expect(await rehearsal.ended).toBe(1);
    expect(momento.isValid(JSON.parse(await readFile(file('successor.json'), 'utf8')).apiKey)).toBe(true);
  });

  test('says what to do where Momento looks for the cache before it looks at the key', async () => {
    const cacheFirst = await startMomento({ behaviour: { firstCheck: 'cache' } });
    await writeFile(file('key.json'), cacheFirst.issueKey().secretString);
    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('successor.json'));

    expect(await rehearsal.ended).toBe(1);
    expect(rehearsal.output()).toMatch(
      /✖ not so: a spoilt copy .*let in[\s\S]*give a cache that exists, with --ping-cache/,
    );
    await cacheFirst.close();
  });

  test('takes a file that begins with a byte order mark', async () => {
    await writeFile(file('key.json'), `\uFEFF${momento.issueKey().secretString}`);
    expect(await startThere('--key-file', file('key.json'), '--out', file('successor.json')).ended).toBe(0);
  });

  test('keeps a successor that was not promoted', async () => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    const down = { kind: 'error', error: { code: 'UNAVAILABLE' } } as const;
    momento.faults.add({ call: 'Get', mishap: down, times: Number.POSITIVE_INFINITY });

    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('successor.json'));
    expect(await rehearsal.ended).toBe(1);
    expect(momento.isValid(JSON.parse(await readFile(file('successor.json'), 'utf8')).apiKey)).toBe(true);
  });

  test('a key that cannot be rotated is refused before anything else', async () => {
    await writeFile(file('key.json'), '{"apiKey": "hunter2"}');
    const refused = startThere('--key-file', file('key.json'), '--out', file('out.json'));
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/Field "apiKey" is not a Momento API key/);
    await expect(stat(file('out.json'))).rejects.toThrow('ENOENT');
  });

  test('a key is sent to no host but those of Momento', async () => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    const refused = start('--key-file', file('key.json'), '--out', file('out.json'));
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/Field "apiKey" names a host that is not Momento's.* MOMENTO_HOSTS/);
    expect(momento.calls).toEqual([]);
  });

  test('a setting that the function would refuse is one here as well', async () => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    const args = ['--key-file', file('key.json'), '--out', file('out.json')];
    const refused = run('src/local/start.ts', args, { ...there, MOMENTO_API_KEYS_ENDPOINT: 'nowhere' });
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/^error: MOMENTO_API_KEYS_ENDPOINT is not .*\n$/);
    expect(momento.calls).toEqual([]);
  });

  test('a file is never overwritten', async () => {
    await writeFile(file('key.json'), momento.issueKey().secretString);
    await writeFile(file('taken.json'), 'precious');
    const refused = startThere('--key-file', file('key.json'), '--out', file('taken.json'));
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toMatch(/cannot be written \(EEXIST\)/);
    expect(await readFile(file('taken.json'), 'utf8')).toBe('precious');
    expect(momento.calls).toEqual([]);
  });

  test('a rotation that fails exits with 1, and leaves no file', async () => {
    const key = momento.issueKey();
    await writeFile(file('key.json'), key.secretString);
    momento.revokeKey(key.apiKey);

    const rehearsal = startThere('--key-file', file('key.json'), '--out', file('out.json'));
    expect(await rehearsal.ended).toBe(1);
    expect(rehearsal.output()).toContain('No successor was stored. The key in --key-file works as before');
    await expect(stat(file('out.json'))).rejects.toThrow('ENOENT');
  });
});
