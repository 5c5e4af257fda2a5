import { expect, test } from 'vitest';
import { startBudget } from '../../src/rotation/budget.ts';
import type { Register } from '../../src/rotation/credential.ts';
import { RegisterError } from '../../src/rotation/errors.ts';
import { findIssuer } from '../../src/rotation/issuer.ts';
import type { Rotation } from '../../src/rotation/rotation.ts';

/** A rotation of a credential whose register answers a list with an error, and what it warned of. */
function startRotation(error: Error) {
  const warnings: string[] = [];
  const register = { adminId: 'admin', list: () => Promise.reject(error) } as Partial<Register<never>>;
  const rotation = {
    secretId: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a/secret-AbCdEf',
    versionId: 'version',
    kind: { registerOf: () => ({ adminSecret: undefined, adminWording: 'this secret', open: () => register }) },
    budget: startBudget({ now: Date.now, sleep: async () => {}, random: () => 0 }, 30_000),
    report: { warn: (message: string) => warnings.push(message), measure() {} },
  } as unknown as Rotation;
  const current = { versionId: 'current', credential: { expiresAt: undefined }, storedAt: undefined };
  return { warnings, issuer: () => findIssuer(rotation, current) };
}

test('a register that cannot be read does not keep a successor from being issued', async () => {
  const { warnings, issuer } = startRotation(new RegisterError('Momento', 'HTTP 403', 'Give it the right.'));
  expect(await issuer()).toMatchObject({ register: { adminId: 'admin' } });
  expect(warnings).toEqual([expect.stringContaining('could not be seen')]);
});

test('a defect does, and is not told as what the register said', async () => {
  const { warnings, issuer } = startRotation(new TypeError('a defect'));
  await expect(issuer()).rejects.toThrow(TypeError);
  expect(warnings).toEqual([]);
});
