import fc from 'fast-check';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const NAMES = [
  'Step',
  'SecretId',
  'ClientRequestToken',
  'RotationToken',
  'momento_auth_token_secret_name',
  'CheckSecrets',
  'RevokeRetiredKeys',
];

/** What somebody may invoke the function with, who knows of a secret and a version of it. */
export function anyEvent({
  secretId,
  versionId,
  name,
}: {
  secretId: string;
  versionId: string;
  name: string;
}): fc.Arbitrary<unknown> {
  const text = fc.oneof(
    fc.constantFrom(secretId, name, versionId, 'missing', 'constructor', '__proto__', 'toString', ''),
    fc.constantFrom(...STEPS, '\ud800', '\u0000', 'x'.repeat(100_000), 'arn:aws:secretsmanager:::secret:', ' '),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );
  const field = fc.oneof({ arbitrary: text, weight: 4 }, fc.jsonValue(), fc.array(text, { maxLength: 20 }));
  const known = fc.dictionary(fc.constantFrom(...NAMES), field);
  const step = fc
    .record({ Step: fc.constantFrom(...STEPS), SecretId: text, ClientRequestToken: text, RotationToken: field })
    .chain((event) => fc.constantFrom(event, { ...event, SecretId: secretId }, { ...event, RotationToken: undefined }));
  return fc.oneof({ arbitrary: known, weight: 5 }, { arbitrary: step, weight: 4 }, fc.jsonValue());
}
