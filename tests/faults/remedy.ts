import { readFileSync } from 'node:fs';
import { failureOf } from './invocation.ts';
import type { World } from './world.ts';

const RUNBOOK = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');

/** What the runbook says about a rotation that hangs, for who was told by Secrets Manager and not by the function. */
const HANGS = /## A rotation hangs([\s\S]*?)\n## /.exec(RUNBOOK)?.[1] ?? '';

/**
 * Does what the last error message of the function says, to the letter; or the runbook, when the function has said
 * nothing since somebody last changed something.
 */
export function doWhatWasSaid(world: World): void {
  const message = world
    .sinceChange()
    .map((invocation) => failureOf(invocation)?.message)
    .findLast((text) => text?.includes('aws secretsmanager') || STORE_THERE.test(text ?? ''));
  if (STORE_THERE.test(message ?? '')) {
    const { facts, all } = world;
    const { configuration, isManageable } = facts.standIns;
    // In the secret itself, if the key that manages it is good.
    const there = isManageable() ? facts : all.find(({ standIns }) => standIns.name === configuration.adminSecrets[0]);
    if (there) world.byHand(there, 'aws: a fresh value', () => world.putByHand(there, there.standIns.freshValue()));
  }
  // What the service refuses, it says why, and the runbook what then.
  if (!runAll(world, message ?? HANGS)) runAll(world, HANGS);
}

/** @returns false if a command was refused */
function runAll(world: World, text: string): boolean {
  const done = commandsIn(text).map((command) => world.byHand(world.facts, command, () => run(world, command)));
  return !done.includes(false);
}

/** What is said where a key that manages itself or others is not let in any more, or is none. */
const STORE_THERE =
  /[Ss]tore a fresh key there\.|which manages the one in this secret, cannot be used\.|Give the right to manage keys/;

function commandsIn(text: string): string[] {
  return [...text.matchAll(/aws secretsmanager [a-z-]+(?: --[a-z-]+ [^\s)]+)*/g)].map(([command]) =>
    command.replace(/\.$/, ''),
  );
}

/** The command line, as the AWS CLI would understand it. */
function run(world: World, command: string): void {
  const { standIns } = world;
  const [, , name = '', ...words] = command.split(' ');
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) options.set(words[at] ?? '', expand(world, words[at + 1] ?? ''));
  const { service } = standIns;
  const SecretId = options.get('--secret-id');
  switch (name) {
    case 'put-secret-value':
      world.putByHand(world.facts, options.get('--secret-string') ?? '');
      return;
    case 'rotate-secret':
      service.call('RotateSecret', { SecretId, ClientRequestToken: standIns.newVersionId() });
      return;
    case 'update-secret-version-stage':
      service.call('UpdateSecretVersionStage', {
        SecretId,
        VersionStage: options.get('--version-stage'),
        RemoveFromVersionId: options.get('--remove-from-version-id'),
      });
      return;
    default:
      throw new Error(`No such command here: ${name}`);
  }
}

/** A file that the human has just saved, and the runbook's variables. */
function expand({ standIns }: World, word: string): string {
  if (word.startsWith('file://')) return standIns.freshValue();
  if (word === '"$SECRET"') return standIns.secretId;
  if (word === '"$PENDING"') return standIns.snapshot().pending ?? '';
  return word;
}
