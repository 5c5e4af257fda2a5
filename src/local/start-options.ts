import { type Command, Option } from 'commander';
import { safeParse } from 'valibot';
import { createCommand } from '../command/command.ts';
import { looksLikeApiKey } from '../momento/encoded-key.ts';
import { VARIABLES } from '../settings.ts';
import { type KeyKindName, keyKinds } from './rehearsal/key-kinds.ts';
import type { RehearsalOptions } from './rehearsal/rehearse.ts';
import type { Scenario } from './rehearsal/scenario.ts';
import { scenarios } from './rehearsal/scenarios.ts';

/** What `npm start` is told. */
export interface StartOptions extends Omit<RehearsalOptions, 'realKey' | 'onSuccessor'> {
  /** The file that holds a real key, and the one for its successor. Undefined: a key of the local Momento. */
  real?: { keyFile: string; out: string } | undefined;
}

interface Arguments {
  key: KeyKindName;
  scenario?: string;
  keyFile?: string;
  out?: string;
  pingCache?: string;
  verbose?: boolean;
  revokeFirstKey?: boolean;
}

/** Ends the process where an option is wrong, after a line that says so, and where help is asked for. */
export function readStartOptions(args: readonly string[], command = createCommand('npm start --')): StartOptions {
  const { key, scenario, keyFile, out, pingCache, verbose, revokeFirstKey } = command
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
    .parse(args, { from: 'user' })
    .opts<Arguments>();
  if (pingCache !== undefined) checkPingCache(pingCache, command);
  return {
    key,
    scenario: scenario === undefined ? undefined : openScenario(scenario, key, command),
    pingCache,
    verbose,
    revokesFirstKey: revokeFirstKey,
    real: readReal(keyFile, out, command),
  };
}

function readReal(keyFile: string | undefined, out: string | undefined, command: Command): StartOptions['real'] {
  for (const [option, given] of Object.entries({ '--key-file': keyFile, '--out': out })) {
    if (given !== undefined) refuseKey(option, given, command);
  }
  if (keyFile !== undefined && out !== undefined) return { keyFile, out };
  if (keyFile !== undefined)
    command.error('error: --key-file needs --out: the successor of a real key must not be lost');
  if (out !== undefined) command.error('error: --out is for the successor of a --key-file');
  return undefined;
}

function refuseKey(option: string, given: string, command: Command): void {
  if (looksLikeApiKey(given)) command.error(`error: ${option} is an API key; give the name of a file`);
}

function checkPingCache(pingCache: string, command: Command): void {
  const { issues } = safeParse(VARIABLES.MOMENTO_PING_CACHE, pingCache);
  if (issues !== undefined) command.error(`error: --ping-cache ${issues[0].message}`);
}

function openScenario(name: string, key: KeyKindName, command: Command): Scenario | undefined {
  const scenario = scenarios[name]?.();
  const keys = scenario?.keys ?? [key];
  if (keys.includes(key)) return scenario;
  return command.error(`error: --scenario ${name} cannot happen to this key; it is for --key ${keys.join(' and ')}`);
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
