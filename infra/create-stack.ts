import { Annotations, App, type Stack } from 'aws-cdk-lib';
import { ConfigurationError, type Words } from './configuration-error.ts';
import { MomentoSecretsStack } from './secrets-stack.ts';
import { readSettings } from './settings.ts';
import { MomentoKeyRotationStack } from './stack.ts';

/**
 * The one stack that a deployment is about: with `createSecrets` that of the secrets, otherwise that of their rotation. A
 * deployment of the one leaves the other alone, so that no context value, given or forgotten, takes a running rotation away.
 *
 * @param environment with the predecessor's variables, if there are any
 * @throws ConfigurationError if a context value is wrong, with what to write instead
 */
export function createStack(app: App, environment: Readonly<Record<string, string | undefined>>): Stack {
  const { settings, notes, options, words } = readSettings(app.node, environment);
  const rotate = (where: App) =>
    inWords(words, () => new MomentoKeyRotationStack(where, 'MomentoKeyRotation', { settings }));
  // It puts out the command that attaches rotation later, which is tried here.
  if (settings.createSecrets) rotate(new App({ autoSynth: false }));
  const stack = settings.createSecrets
    ? new MomentoSecretsStack(app, 'MomentoSecrets', { settings, options })
    : rotate(app);
  for (const note of notes) Annotations.of(stack).addInfo(note);
  return stack;
}

/** Who deploys has written context values, and no code. */
function inWords<T>(words: Words, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConfigurationError ? error.in(words) : error;
  }
}
