import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { momentoApiKey } from '../momento/momento-api-key.ts';
import { readSecretValue } from '../momento/secret-value.ts';
import { type RehearsalOptions, rehearse } from './rehearsal/rehearse.ts';
import { scenarios } from './rehearsal/scenarios.ts';
import { createScreen, type Screen } from './rehearsal/screen.ts';

/** `npm start`: the rehearsal. */

interface Arguments {
  scenario?: string;
  keyFile?: string;
  out?: string;
  pingCache?: string;
  verbose?: boolean;
}

const program = new Command('npm start --')
  .description(
    'Rotates a Momento API key on this machine as it is rotated on AWS, step by step. Needs no account: Secrets Manager and Momento are local. Exits with 0 only if the key was rotated, the new one works, and so does the one before.',
  )
  .addOption(
    new Option('--scenario <name>', 'rehearse a failure, and how it ends')
      .choices(Object.keys(scenarios))
      .conflicts('keyFile'),
  )
  .option('--key-file <file>', "rotate a real key, as Momento's console downloads it, at the real Momento; needs --out")
  .option('--out <file>', 'where to write the successor of the real key; must not exist')
  .addOption(new Option('--ping-cache <name>', 'the cache that pings read from').env('MOMENTO_PING_CACHE'))
  .option('--verbose', "show the function's log lines")
  .addHelpText('after', `\nScenarios:\n${listScenarios()}`)
  .parse();

const screen = createScreen(process.stdout);
const { scenario, keyFile, out, pingCache, verbose } = program.opts<Arguments>();
if (pingCache !== undefined) refuseUnless(() => momentoApiKey({ pingCache }), '--ping-cache');
if (keyFile === undefined && out !== undefined) program.error('error: --out is for the successor of a --key-file');
const options = { scenario: scenario === undefined ? undefined : scenarios[scenario]?.(), pingCache, verbose };

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
    return await rehearse({ ...options, realKey, onSuccessor }, screen);
  } finally {
    closeSync(file);
    if (isStored) {
      screen.note(`The successor is in ${out}. Use it from now on: its refresh token is the one to refresh with.`);
    } else {
      rmSync(out);
      screen.note(
        'No successor was stored. The key in --key-file works as before; its refresh token may have been used.',
      );
    }
  }
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
  refuseUnless(() => readSecretValue(secretString), `--key-file ${keyFile}`);
  return secretString;
}

function refuseUnless(read: () => unknown, what: string): void {
  try {
    read();
  } catch (error) {
    program.error(`error: ${what}: ${(error as Error).message}`);
  }
}

function listScenarios(): string {
  return Object.entries(scenarios)
    .map(([name, scenario]) => `  ${name.padEnd(16)} ${scenario().title}`)
    .join('\n');
}
