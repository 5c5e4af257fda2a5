import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type ApiKey, readApiKey } from '../../momento/api-key.ts';
import { readSecretValue } from '../../momento/secret-value.ts';
import { letIn, read, refused, showChecks } from './checks.ts';
import type { Screen } from './screen.ts';
import { readCurrent } from './versions.ts';

interface ProofOptions {
  client: SecretsManagerClient;
  secretId: string;
  /** The value that was current before the rotation. */
  previous: string;
  /** For how long its key goes on working, for the reader. */
  previousWorks: string;
  pingCache: string;
}

/**
 * Reads the secret as an application would, and tries the keys.
 *
 * @returns whether the key is another one, it works, the one before still does, and a spoilt one would not
 */
export async function showProof(options: ProofOptions, screen: Screen): Promise<boolean> {
  const { client, secretId, previous, previousWorks, pingCache } = options;
  const before = readSecretValue(previous).apiKey;
  const after = readSecretValue(await readCurrent(client, secretId)).apiKey;

  screen.heading('What an application sees');
  screen.underWay('reading with each key');
  const spoilt = await read(spoil(after), pingCache);
  const holds = showChecks(
    [
      { text: 'get-secret-value answers with another key than before', holds: after.encoded !== before.encoded },
      letIn('the new key reads from a cache', await read(after, pingCache)),
      letIn(`the key before still does, for whoever holds it, ${previousWorks}`, await read(before, pingCache)),
      refused('a spoilt copy of the new key does not: the test can fail', spoilt),
    ],
    screen,
  );
  if (spoilt.kind === 'accepted') {
    screen.note(
      'Momento looked for the cache before it looked at the key: give a cache that exists, with --ping-cache',
    );
  }
  return holds;
}

/** The same key with one character of its secret part changed, a little before the end. */
function spoil({ version, encoded, endpoint }: ApiKey): ApiKey {
  if (version === 2) return readApiKey(changeOne(encoded), 'apiKey', endpoint);
  const key = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { api_key: string };
  const spoilt = { ...key, api_key: changeOne(key.api_key) };
  return readApiKey(Buffer.from(JSON.stringify(spoilt)).toString('base64'), 'apiKey');
}

function changeOne(key: string): string {
  const at = Math.max(0, key.length - 6);
  const other = key[at] === 'A' ? 'B' : 'A';
  return key.slice(0, at) + other + key.slice(at + 1);
}
