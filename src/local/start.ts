import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { momentoApiKey } from '../momento/momento-api-key.ts';
import { readSecretValue, type SecretValue } from '../momento/secret-value.ts';
import { readSettings } from '../settings.ts';
import { type KeyKindName, keyKinds } from './rehearsal/key-kinds.ts';
import { type RehearsalOptions, rehearse } from './rehearsal/rehearse.ts';
import type { Scenario } from './rehearsal/scenario.ts';
import { scenarios } from './rehearsal/scenarios.ts';
import { createScreen, type Screen } from './rehearsal/screen.ts';

/** `npm start`: the rehearsal. */

interface Arguments {
  key: KeyKindName;
  scenario?: string;
  keyFile?: string;
  out?: string;
  pingCache?: string;
  verbose?: boolean;
  revokeFirstKey?: boolean;
}

/** Of a real key. Nothing but itself is there to manage it. */
const KEY_KINDS: Record<SecretValue['version'], KeyKindName> = { 1: 'v1', 2: 'v2-self-managed' };

const program = new Command('npm start --')
  .description(
    'Rotates a Momento API key on this machine as it is rotated on AWS, step by step. Needs no account: Secrets Manager and Momento are local. Exits with 0 only if the key was rotated, the new one works, and so does the one before; and with a v2 key, if that one was named and left alone since it was stored by hand, or, with --revoke-first-key, revoked on schedule.',
  )
  .addOption(
    new Option('--key <kind>', 'the kind of key').choices(Object.keys(keyKinds)).default('v1').conflicts('keyFile'),
  )
  .addOption(
    new Option('--scenario <name>', 'rehearse a failure, and how it ends')
      .choices(Object.keys(scenarios))
      .conflicts('keyFile'),
  )
  .option(
    '--key-file <file>',
    "rotate a real key, as Momento's console downloads it, or a v2 key as a secret holds it, at the real Momento; needs --out",
  )
  .option('--out <file>', 'where to write the successor of the real key; must not exist')
  .addOption(new Option('--ping-cache <name>', 'the cache that pings read from').env('MOMENTO_PING_CACHE'))
  .addOption(
    new Option('--revoke-first-key', 'opt in to revoking a v2 key that was stored by hand').conflicts('keyFile'),
  )
  .option('--verbose', "show the function's log lines")
  .addHelpText('after', `\nKinds of keys:\n${listKeys()}\n\nScenarios:\n${listScenarios()}`)
  .parse();

const screen = createScreen(process.stdout);
const { key, scenario, keyFile, out, pingCache, verbose, revokeFirstKey } = program.opts<Arguments>();
if (pingCache !== undefined) refuseUnless(() => readSettings({ MOMENTO_PING_CACHE: pingCache }), '--ping-cache');
if (keyFile === undefined && out !== undefined) program.error('error: --out is for the successor of a --key-file');
const options = {
  key,
  scenario: scenario === undefined ? undefined : openScenario(scenario, key),
  pingCache,
  verbose,
  revokesFirstKey: revokeFirstKey,
};

const rotated = await (keyFile === undefined
  ? rehearse(options, screen)
  : rotateRealKey(keyFile, out ?? missingOut(), options, screen));
process.exitCode = rotated ? 0 : 1;

async function rotateRealKey(
  keyFile: string,
  out: string,
  options: RehearsalOptions,
  screen: Screen,
): Promise<boolean> {
  const realKey = await readKeyFile(keyFile);
  const key = KEY_KINDS[readSecretValue(realKey).version];
  // Before the rotation, so that a file that cannot be written loses no key.
  const file = openNew(out);
  let isStored = false;
  const onSuccessor = (secretString: string) => {
    ftruncateSync(file);
    writeSync(file, secretString, 0);
    fsyncSync(file);
    isStored = true;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => screen.note('finishing first, so that the successor is not lost'));
  }
  try {
    return await rehearse({ ...options, key, realKey, onSuccessor }, screen);
  } finally {
    closeSync(file);
    if (isStored) {
      screen.note(`The successor is in ${out}. Use it from now on: ${keyKinds[key].fromNowOn}`);
    } else {
      rmSync(out);
      screen.note(`No successor was stored. The key in --key-file works as before; ${keyKinds[key].ifNotStored}`);
    }
  }
}

function openScenario(name: string, key: KeyKindName): Scenario | undefined {
  const scenario = scenarios[name]?.();
  const keys = scenario?.keys ?? [key];
  if (keys.includes(key)) return scenario;
  return program.error(`error: --scenario ${name} cannot happen to this key; it is for --key ${keys.join(' and ')}`);
}

function openNew(out: string): number {
  try {
    return openSync(out, 'wx', 0o600);
  } catch (error) {
    return program.error(`error: --out ${out} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

function missingOut(): never {
  return program.error('error: --key-file needs --out: the successor of a real key must not be lost');
}

async function readKeyFile(keyFile: string): Promise<string> {
  const content = await readFile(keyFile, 'utf8').catch((error: Error) =>
    program.error(`error: --key-file: ${error.message}`),
  );
  // Some editors put a byte order mark first.
  const secretString = content.replace(/^\uFEFF/, '');
  const { hosts } = readSettings({ MOMENTO_HOSTS: process.env['MOMENTO_HOSTS'] }).momento;
  refuseUnless(() => momentoApiKey({ hosts })(keyFile).read(secretString), `--key-file ${keyFile}`);
  return secretString;
}

function refuseUnless(read: () => unknown, what: string): void {
  try {
    read();
  } catch (error) {
    program.error(`error: ${what}: ${(error as Error).message}`);
  }
}

function listKeys(): string {
  return table(Object.entries(keyKinds).map(([name, { title }]) => [name, title]));
}

function listScenarios(): string {
  return table(
    Object.entries(scenarios).map(([name, scenario]) => {
      const { title, keys } = scenario();
      return [name, keys === undefined ? title : `${title} (--key ${keys.join(', ')})`];
    }),
  );
}

function table(rows: [name: string, text: string][]): string {
  return rows.map(([name, text]) => `  ${name.padEnd(18)} ${text}`).join('\n');
}
