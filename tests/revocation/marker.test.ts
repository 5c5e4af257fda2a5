import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeSuccessor, isMarked, newNonce, readMarker, writeMarker } from '../../src/revocation/marker.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:momento/payments-AbCdEf';
const [FIRST, SECOND] = ['0a1b2c3d-0000-4000-8000-00000000000a', 'ffffffff-ffff-4fff-bfff-ffffffffffff'];
const marker = { versionId: SECOND, predecessor: FIRST, nonce: 'AAAAAA' };

describe('the marker', () => {
  const versionId = fc.oneof(fc.uuid(), fc.stringMatching(/^[\w-]{1,64}$/), fc.string({ minLength: 1, maxLength: 64 }));

  test('is read back, whatever the versions are called and the description before it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'binary' }), versionId, versionId, (own, a, b) => {
        const one = { versionId: a, predecessor: b, nonce: newNonce() };
        const description = describeSuccessor(own, writeMarker(SECRET, one));
        expect(readMarker(description, SECRET)).toEqual(one);
        const next = { versionId: b, predecessor: a, nonce: newNonce() };
        expect(readMarker(describeSuccessor(description, writeMarker(SECRET, next)), SECRET)).toEqual(next);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  test('takes 88 characters, since nobody knows how many Momento allows', () => {
    expect(writeMarker(SECRET, marker)).toHaveLength(88);
    const odd = { versionId: 'v'.repeat(64), predecessor: 'p'.repeat(64), nonce: newNonce() };
    expect(writeMarker(SECRET, odd).length).toBeLessThanOrEqual(174);
  });

  test('holds no date, no id of a key, and nothing that is told twice', () => {
    expect(writeMarker(SECRET, marker)).toMatch(/^\[momento-key-rotation [\w-]{12} [\w-]{22} [\w-]{22} AAAAAA\]$/);
    expect(newNonce()).not.toBe(newNonce());
  });

  test('stands behind what the predecessor is described with, and takes the place of an older one', () => {
    const first = describeSuccessor('payments', writeMarker(SECRET, marker));
    expect(first).toBe(`payments ${writeMarker(SECRET, marker)}`);
    const second = writeMarker(SECRET, { ...marker, nonce: 'BBBBBB' });
    expect(describeSuccessor(first, second)).toBe(`payments ${second}`);
    expect(describeSuccessor('', second)).toBe(second);
  });

  test('has the place it needs, and a long description gives way, between characters', () => {
    const description = describeSuccessor('\u{1F511}'.repeat(200), writeMarker(SECRET, marker));
    expect(description.length).toBeLessThanOrEqual(256);
    expect(Buffer.from(description).toString()).toBe(description);
    expect(readMarker(description, SECRET)).toEqual(marker);
    const odd = { versionId: '\u{1F511}'.repeat(64), predecessor: FIRST, nonce: 'AAAAAA' };
    expect(readMarker(describeSuccessor('payments', writeMarker(SECRET, odd)), SECRET)).toEqual(odd);
  });

  test.each([
    ['of the same name in another account', SECRET.replace('123456789012', '123456789013')],
    ['of the same name in another Region', SECRET.replace('us-east-1', 'eu-west-1')],
    ['of the same name that was there before', SECRET.replace('AbCdEf', 'FeDcBa')],
  ])('of a secret %s is another', (_, other) => {
    expect(readMarker(writeMarker(other, marker), SECRET)).toBeUndefined();
    expect(isMarked(writeMarker(other, marker))).toBe(true);
  });

  const own = writeMarker(SECRET, marker).split(' ')[1];
  test.each([
    '',
    'payments',
    '[momento-key-rotation]',
    '[momento-key-rotation ]',
    '[momento-key-rotation a b c d]',
    `[momento-key-rotation ${own}]`,
    `[momento-key-rotation ${own} .b]`,
    `[momento-key-rotation ${own} .b .a]`,
    `[momento-key-rotation ${own} . .a n]`,
    writeMarker(SECRET, marker).slice(0, -1),
  ])('is not in "%s"', (description) => {
    expect(readMarker(description, SECRET)).toBeUndefined();
  });

  test('of an earlier build is none', () => {
    expect(isMarked('[momento-key-rotation momento/payments-AbCdEf 0123456789abcdef b after a 12]')).toBe(false);
    expect(isMarked(`payments ${writeMarker(SECRET, marker)}`)).toBe(true);
  });

  test('is read behind one that was cut off, and behind that of another secret', () => {
    expect(readMarker(`[momento-key-rotation x ${writeMarker(SECRET, marker)}`, SECRET)).toEqual(marker);
    const other = writeMarker(SECRET.replace('AbCdEf', 'FeDcBa'), marker);
    expect(readMarker(`${other} ${writeMarker(SECRET, marker)}`, SECRET)).toEqual(marker);
  });
});
