import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type ApiKey, readApiKey } from '../../momento/api-key.ts';
import { ping } from '../../momento/ping.ts';
import { readSecretValue } from '../../momento/secret-value.ts';
import type { Ping } from '../../rotation/credential.ts';
import type { Screen } from './screen.ts';

const PING_TIMEOUT_MS = 10_000;

/** The last of the checks. */
const SPOILT = 3;

interface ProofOptions {
  client: SecretsManagerClient;
  secretId: string;
  /** The value that was current before the rotation. */
  previous: string;
  pingCache: string;
}

/**
 * Reads the secret as an application would, and tries the keys.
 *
 * @returns whether the key is another one, it works, the one before still does, and a spoilt one would not
 */
export async function showProof(options: ProofOptions, screen: Screen): Promise<boolean> {
  const { client, secretId, previous, pingCache } = options;
  const { SecretString: current = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
  const before = readSecretValue(previous).apiKey;
  const after = readSecretValue(current).apiKey;
  const tries = (key: ApiKey) => ping(key, pingCache, PING_TIMEOUT_MS);

  screen.heading('What an application sees');
  const checks: [text: string, holds: boolean, answer?: Ping][] = [
    ['get-secret-value answers with another key than before', after.encoded !== before.encoded],
    letIn('the new key reads from a cache', await tries(after)),
    letIn('the key before still does, for whoever holds it, until it expires', await tries(before)),
    refused('a spoilt copy of the new key does not: the test can fail', await tries(spoil(after))),
  ];
  for (const [text, holds, answer] of checks) {
    if (holds) screen.good(text);
    else screen.bad(`not so: ${text} (${answer === undefined ? 'it is the same' : outcome(answer)})`);
  }
  if (checks[SPOILT]?.[2]?.kind === 'accepted') {
    screen.note(
      'Momento looked for the cache before it looked at the key: give a cache that exists, with --ping-cache',
    );
  }
  return checks.every(([, holds]) => holds);
}

function letIn(text: string, answer: Ping): [string, boolean, Ping] {
  return [text, answer.kind === 'accepted' || answer.kind === 'denied', answer];
}

function refused(text: string, answer: Ping): [string, boolean, Ping] {
  return [text, answer.kind === 'refused', answer];
}

function outcome(answer: Ping): string {
  return answer.kind === 'accepted' ? 'it was let in' : answer.reason;
}

/** The same key with one character changed, a little before its end. */
function spoil({ encoded }: ApiKey): ApiKey {
  const key = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { api_key: string };
  const at = Math.max(0, key.api_key.length - 6);
  const other = key.api_key[at] === 'A' ? 'B' : 'A';
  const spoilt = { ...key, api_key: key.api_key.slice(0, at) + other + key.api_key.slice(at + 1) };
  return readApiKey(Buffer.from(JSON.stringify(spoilt)).toString('base64'), 'apiKey');
}
