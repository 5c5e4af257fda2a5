import { expect, test } from 'vitest';
import { startBudget } from '../../src/rotation/budget.ts';
import type { Credential } from '../../src/rotation/credential.ts';
import { reportLifetime } from '../../src/rotation/early-warning.ts';
import type { Rotation } from '../../src/rotation/rotation.ts';
import type { RotationRules } from '../../src/rotation/rotation-rules.ts';
import { openSecret } from '../../src/rotation/secret.ts';
import type { SecretDescription, SecretStore } from '../../src/rotation/secret-store.ts';

const now = Date.parse('2026-11-20T10:30:00Z');
/** When the next rotation is sure to have started, by the rules below. */
const due = Date.parse('2026-11-22T00:00:00Z');
const daily = { AutomaticallyAfterDays: 1 };

function report(expiresAt: Date | undefined, rotationRules: RotationRules | undefined = daily) {
  const told: unknown[] = [];
  const budget = startBudget({ now: () => now, random: () => 0, sleep: async () => {} }, 30_000);
  const rotation = {
    secret: openSecret({} as SecretStore, 'secret', budget),
    report: {
      warn: (message: string) => told.push(message),
      measure: (metric: string, value: number) => told.push([metric, value]),
    },
  } as Partial<Rotation> as Rotation;
  reportLifetime(rotation, { rotationRules } as SecretDescription, { expiresAt } as Credential);
  return told;
}

test('a key that expires when the next rotation is sure to have started is in time', () => {
  expect(report(new Date(due))).toEqual([['NewKeyLifetime', 135_000]]);
});

test('a key that expires a moment before is warned of, with both dates', () => {
  expect(report(new Date(due - 1))).toEqual([
    ['NewKeyLifetime', 135_000],
    ['NewKeyExpiresBeforeNextRotation', 1],
    'The new key expires on 2026-11-21T23:59:59.999Z, before the next rotation is sure to have started (2026-11-22T00:00:00.000Z). Rotate more often, or use keys that live longer.',
  ]);
});

test('without a schedule there is nothing to be late for', () => {
  expect(report(new Date(now + 1000), {})).toEqual([['NewKeyLifetime', 1]]);
});

test('a key that never expires has no lifetime', () => {
  expect(report(undefined)).toEqual([]);
});
