/**
 * What an event may hold that is no event of the protocol: fields that replace those of a good one (undefined: none), or
 * what is sent instead of it.
 */
export const DAMAGES: readonly unknown[] = [
  ...['SecretId', 'Step', 'ClientRequestToken', 'RotationToken'].flatMap((field) =>
    ['', ' ', 7, null, {}].map((value) => ({ [field]: value })),
  ),
  { SecretId: undefined },
  { Step: undefined },
  { ClientRequestToken: undefined },
  { Step: 'create_secret' },
  { Step: 'toString' },
  { momento_auth_token_secret_name: '' },
  { momento_auth_token_secret_name: 7 },
  { CheckSecrets: [] },
  { CheckSecrets: 'momento/authentication-token' },
  { CheckSecrets: ['momento/authentication-token', ''] },
  { CheckSecrets: [7] },
  { RevokeRetiredKeys: '' },
  { RevokeRetiredKeys: [] },
  { RevokeRetiredKeys: ['momento/authentication-token', ''] },
  'createSecret',
  7,
  null,
  [],
];

export function damagedEvent(good: object, damage: unknown): unknown {
  const isReplacement = typeof damage !== 'object' || damage === null || Array.isArray(damage);
  return isReplacement ? damage : JSON.parse(JSON.stringify({ ...good, ...damage }));
}
