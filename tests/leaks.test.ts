import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { findLeaks } from './leaks.ts';

const secret = 'k3y-Zx81QpLm02vB77-refresh';

describe('the search for secrets finds one', () => {
  test.each([
    ['whole', `{"message":"${secret}"}`],
    ['in part', `…${secret.slice(5, 16)}…`],
    ['in base64', Buffer.from(`{"api_key":"${secret}"}`).toString('base64')],
    ['in base64url', Buffer.from(`?${secret}`).toString('base64url')],
    ['in base64, cut', Buffer.from(secret).toString('base64').slice(3)],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['as a hash', createHash('sha256').update(secret).digest('hex')],
  ])('%s', (_, output) => {
    expect(findLeaks(`line\n${output}\nline`, [secret])).not.toEqual([]);
  });

  test('and nothing where there is none', () => {
    expect(findLeaks('{"level":"INFO","secret":"momento/authentication-token"}', [secret])).toEqual([]);
  });
});
