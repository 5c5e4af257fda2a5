import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCommand } from '../../src/command/command.ts';
import { describeEnvironmentError } from '../../src/command/environment-error.ts';
import { portOptions, readLocalOptions } from '../../src/local/local-options.ts';
import { startMomento } from '../../src/local/momento/momento.ts';
import { readStartOptions } from '../../src/local/start-options.ts';
import { readLoadOptions } from '../client/load/load-options.ts';
import { readCampaignOptions } from '../faults/campaign-options.ts';
import { campaignDraws, campaignParts } from '../faults/campaign-parts.ts';
import { runSource } from '../local/run.ts';

const parts = Object.keys(campaignParts(campaignDraws(0, 0)));

const COMMANDS = {
  'npm start': readStartOptions,
  'npm run local': readLocalOptions,
  'npm run load': readLoadOptions,
  'npm run campaign': (args: readonly string[], command: ReturnType<typeof createCommand>) =>
    readCampaignOptions(args, parts, command),
};

/** What the command says when it is given these options, and what it exits with if it is not to go on. */
function read(name: keyof typeof COMMANDS, args: readonly string[]): { said: string; exitCode: number | undefined } {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const command = createCommand(name).exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    COMMANDS[name](args, command);
    return { said, exitCode: undefined };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { said, exitCode: error.exitCode };
  }
}

/** Of a v2 key's shape. */
const KEY = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"t":"g"}').toString('base64url')}.c2ln`;

/** Each mistake with its answer. */
const MISTAKES: [name: keyof typeof COMMANDS, args: string, answer: RegExp | string][] = [
  ['npm start', '--verbos', "unknown option '--verbos' (Did you mean --verbose?)"],
  ['npm start', 'v2', 'too many arguments. Expected 0 arguments but got 1.'],
  [
    'npm start',
    '--key v3',
    /^option '--key <kind>' argument 'v3' is invalid. Allowed choices are v1, v2, v2-self-managed\.$/,
  ],
  ['npm start', '--scenario nonsense', /'nonsense' is invalid. Allowed choices are throttled, .*\.$/],
  [
    'npm start',
    '--key-file x.json --scenario throttled',
    /'--scenario <name>' cannot be used with .*'--key-file <file>'$/,
  ],
  ['npm start', '--key-file x.json --key v2', /'--key <kind>' cannot be used with .*'--key-file <file>'$/],
  [
    'npm start',
    '--key-file x.json --revoke-first-key',
    /'--revoke-first-key' cannot be used with .*'--key-file <file>'$/,
  ],
  ['npm start', '--scenario role-deleted', '--scenario role-deleted cannot happen to this key; it is for --key v2'],
  [
    'npm start',
    '--key v2 --scenario token-spent',
    '--scenario token-spent cannot happen to this key; it is for --key v1',
  ],
  ['npm start', '--key-file x.json', '--key-file needs --out: the successor of a real key must not be lost'],
  ['npm start', '--out x.json', '--out is for the successor of a --key-file'],
  ['npm start', `--key ${KEY}`, /argument '…' is invalid. Allowed choices are v1, /],
  ['npm start', `--key-file ${KEY} --out x.json`, '--key-file is an API key; give the name of a file'],
  ['npm start', `--ping-cache ${KEY}`, '--ping-cache holds an API key. Give the name of a cache.'],
  ['npm start', '--ping-cache=', /^--ping-cache is not the name of a cache: /],
  ['npm run local', '--prot 1', "unknown option '--prot' (Did you mean --port?)"],
  ['npm run local', '--port', "option '--port <number>' argument missing"],
  [
    'npm run local',
    '--port none',
    /'--port <number>' argument 'none' is invalid. Give a whole number from 0 to 65535\.$/,
  ],
  ['npm run local', '--port -1', /'-1' is invalid. Give a whole number from 0 to 65535\.$/],
  ['npm run local', '--momento-port 70000', /'70000' is invalid. Give a whole number from 0 to 65535\.$/],
  ['npm run local', '--api-keys-port 1.5', /'1.5' is invalid. Give a whole number from 0 to 65535\.$/],
  ['npm run local', '--overlap 0', /'0' is invalid. Give a whole number from 1 to 86400\.$/],
  ['npm run local', '--overlap 100000', /'100000' is invalid. Give a whole number from 1 to 86400\.$/],
  ['npm run local', '--retry-after soon', /'soon' is invalid. Give a whole number from 0 to 86400\.$/],
  ['npm run load', '--rat 10', "unknown option '--rat' (Did you mean --rate?)"],
  ['npm run load', '--rate 0', /'0' is invalid. Give a whole number from 1 to 100000\.$/],
  ['npm run load', '--rotations many', /'many' is invalid. Give a whole number from 1 to 100000\.$/],
  ['npm run load', '--scenario revokd', "--scenario revokd is in no scenario's name; --help lists them"],
  ['npm run campaign', '--schedule 10', "unknown option '--schedule' (Did you mean --schedules?)"],
  ['npm run campaign', '--seed x', /'x' is invalid. Give a whole number from 0 to 2147483647\.$/],
  ['npm run campaign', '--wire 1e3', /'1e3' is invalid. Give a whole number from 0 to 100000000\.$/],
  ['npm run campaign', '--only livs', "--only livs is in no part's name; --help lists them"],
];

test.each(MISTAKES)('%s -- %s', (name, args, answer) => {
  const { said, exitCode } = read(name, args.split(' '));
  expect(exitCode).toBe(1);
  const [, message] = /^error: (.*)\n$/.exec(said) ?? [];
  if (typeof answer === 'string') expect(message).toBe(answer);
  else expect(message, said).toMatch(answer);
});

test.each(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])('%s -- --help', (name) => {
  const { said, exitCode } = read(name, ['--help']);
  expect(exitCode).toBe(0);
  expect(said).toMatch(new RegExp(`^Usage: ${name}.* \\[options\\]\n`));
});

test('npm run local has ports of its own, which are documented', async () => {
  const page = await readFile(new URL('../../docs/local.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| .* \| (\d+) \| `(--[a-z-]+)` \|$/gm)];
  expect(Object.fromEntries(documented.map(([, port, option]) => [option, Number(port)]))).toEqual(
    portOptions(readLocalOptions([])),
  );
});

describe('what is wrong with the machine is a sentence:', () => {
  async function folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'mistakes-'));
    onTestFinished(() => rm(path, { recursive: true }));
    return path;
  }
  const failureOf = async (act: () => Promise<unknown>) => act().then(undefined, (error: unknown) => error);
  const listen = (port: number, host: string) =>
    new Promise<never>((_, reject) => void createServer().once('error', reject).listen(port, host));

  test('a port is taken, and the option is named', async () => {
    const momento = await startMomento();
    const port = Number(momento.endpoint.split(':')[1]);
    const options = { '--port': 4599, '--momento-port': port };
    const answer = `port ${port} is taken; choose another with --momento-port, or 0 for any that is free`;
    for (const again of [{ port }, { apiKeysPort: port }]) {
      expect(describeEnvironmentError(await failureOf(() => startMomento(again)), options)).toBe(answer);
    }
    expect(describeEnvironmentError(await failureOf(() => startMomento({ port })))).toBe(`port ${port} is taken`);
    await momento.close();
  });

  test('a port may not be used', () => {
    const error = Object.assign(new Error(), { code: 'EACCES', syscall: 'listen', address: '127.0.0.1', port: 80 });
    const answer = 'port 80 may not be listened on (EACCES); choose another with --port, or 0 for any that is free';
    expect(describeEnvironmentError(error, { '--port': 80 })).toBe(answer);
  });

  test('there is no loopback interface', async () => {
    // An address that no machine has, as 127.0.0.1 is one then.
    const error = await failureOf(() => listen(0, '192.0.2.1'));
    expect(describeEnvironmentError(error)).toBe(
      '192.0.2.1 cannot be used (EADDRNOTAVAIL): is the loopback interface up?',
    );
    // As Linux has it, where one can listen all the same.
    const unreachable = { code: 'ENETUNREACH', syscall: 'connect', address: '127.0.0.1', port: 4599 };
    expect(describeEnvironmentError(Object.assign(new Error(), unreachable))).toBe(
      '127.0.0.1 cannot be used (ENETUNREACH): is the loopback interface up?',
    );
  });

  test('a folder cannot be written', async () => {
    const path = join(await folder(), 'file');
    await writeFile(path, '');
    const answer = `the temporary folder ${path} cannot be written (ENOTDIR); name another one in TMPDIR`;
    expect(describeEnvironmentError(await failureOf(() => mkdtemp(join(path, 'x-'))))).toBe(answer);
    const denied = Object.assign(new Error(), { code: 'EROFS', syscall: 'open', path: 'dist/lambda/index.mjs' });
    expect(describeEnvironmentError(denied)).toBe('dist/lambda/index.mjs cannot be written (EROFS)');
  });

  test('a defect is none of it', () => {
    for (const error of [
      new Error('x'),
      'x',
      Object.assign(new Error(), { code: 'ENOENT', syscall: 'open', path: 'x' }),
    ]) {
      expect(describeEnvironmentError(error)).toBeUndefined();
    }
  });

  test('the build, where its folder or the temporary one cannot be written', async () => {
    const cwd = await folder();
    await writeFile(join(cwd, 'dist'), '');
    const build = runSource('src/build/build.ts', { cwd });
    const start = runSource('src/local/start.ts', { env: { TMPDIR: join(cwd, 'dist') } });
    expect(await build.ended).toBe(1);
    expect(build.output()).toMatch(/^error: \S*dist\S* cannot be written \((ENOTDIR|EEXIST)\)\n$/);
    expect(await start.ended).toBe(1);
    expect(start.output()).toBe(
      `error: the temporary folder ${join(cwd, 'dist')} cannot be written (ENOTDIR); name another one in TMPDIR\n`,
    );
  });
});
