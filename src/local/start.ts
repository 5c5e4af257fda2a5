import { open, readFile, rm } from 'node:fs/promises';
import { Command, Option } from 'commander';
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
const options = { scenario: scenario === undefined ? undefined : scenarios[scenario]?.(), pingCache, verbose };

if (keyFile === undefined) {
  process.exitCode = (await rehearse(options, screen)).rotated ? 0 : 1;
} else {
  process.exitCode = (await rotateRealKey(keyFile, out ?? missingOut(), options, screen)) ? 0 : 1;
}

async function rotateRealKey(
  keyFile: string,
  out: string,
  options: RehearsalOptions,
  screen: Screen,
): Promise<boolean> {
  const realKey = await readKeyFile(keyFile);
  // Before the rotation, so that a file that cannot be written loses no key.
  const file = await open(out, 'wx', 0o600).catch((error: NodeJS.ErrnoException) =>
    program.error(`error: --out ${out} cannot be written (${error.code})`),
  );
  process.on('SIGINT', () => screen.note('finishing first, so that the successor is not lost'));
  try {
    const { rotated, newest } = await rehearse({ ...options, realKey }, screen);
    if (newest === realKey) {
      await rm(out);
      screen.bad('There is no successor. The key in --key-file is as it was.');
    } else {
      await file.writeFile(newest);
      screen.note(`The successor is in ${out}. Use it from now on: its refresh token is the one to refresh with.`);
    }
    return rotated;
  } finally {
    await file.close();
  }
}

function missingOut(): never {
  return program.error('error: --key-file needs --out: the successor of a real key must not be lost');
}

async function readKeyFile(keyFile: string): Promise<string> {
  try {
    const content = await readFile(keyFile, 'utf8');
    readSecretValue(content);
    return content;
  } catch (error) {
    return program.error(`error: --key-file ${keyFile}: ${error instanceof Error ? error.message : error}`);
  }
}

function listScenarios(): string {
  return Object.entries(scenarios)
    .map(([name, scenario]) => `  ${name.padEnd(16)} ${scenario().title}`)
    .join('\n');
}
