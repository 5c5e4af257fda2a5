import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { CommandError, runCommand } from '../command/command.ts';
import { momentoApiKey } from '../momento/momento-api-key.ts';
import { readSecretValue, type SecretValue } from '../momento/secret-value.ts';
import { readSettings, type Settings } from '../settings.ts';
import { type KeyKindName, keyKinds } from './rehearsal/key-kinds.ts';
import { type RehearsalOptions, rehearse } from './rehearsal/rehearse.ts';
import { createScreen, type Screen } from './rehearsal/screen.ts';
import { readStartOptions } from './start-options.ts';

/** `npm start`: the rehearsal. */

/** Of a real key. Nothing but itself is there to manage it. */
const KEY_KINDS: Record<SecretValue['version'], KeyKindName> = { 1: 'v1', 2: 'v2-self-managed' };

const { real, ...options } = readStartOptions(process.argv.slice(2));
const screen = createScreen(process.stdout);
await runCommand(async () => {
  const rotated = await (real === undefined ? rehearse(options, screen) : rotateRealKey(real, options, screen));
  process.exitCode = rotated ? 0 : 1;
});

async function rotateRealKey(
  { keyFile, out }: { keyFile: string; out: string },
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

function openNew(out: string): number {
  try {
    return openSync(out, 'wx', 0o600);
  } catch (error) {
    throw new CommandError(`--out ${out} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function readKeyFile(keyFile: string): Promise<string> {
  const content = await readFile(keyFile, 'utf8').catch((error: Error) => {
    throw new CommandError(`--key-file: ${error.message}`);
  });
  // Some editors put a byte order mark first.
  const secretString = content.replace(/^\uFEFF/, '');
  const { hosts } = readEnvironment();
  try {
    momentoApiKey({ hosts })(keyFile).read(secretString);
  } catch (error) {
    throw new CommandError(`--key-file ${keyFile}: ${(error as Error).message}`);
  }
  return secretString;
}

/** What the function will be told besides, so that it is told nothing wrong. */
function readEnvironment(): Settings['momento'] {
  const { MOMENTO_HOSTS, MOMENTO_API_KEYS_ENDPOINT } = process.env;
  try {
    return readSettings({ MOMENTO_HOSTS, MOMENTO_API_KEYS_ENDPOINT }).momento;
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}
