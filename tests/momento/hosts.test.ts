import { describe, expect, test } from 'vitest';
import { hostsIn } from '../../src/momento/hosts.ts';

describe('a key may be sent', () => {
  test.each([
    'momentohq.com',
    'cell-4-us-west-2-1.prod.a.momentohq.com',
    'CELL-1.MomentoHQ.com',
    'xn--momento.momentohq.com',
    '127.0.0.1.momentohq.com',
  ])('to %s', (endpoint) => {
    expect(hostsIn()(endpoint)).toBe(true);
  });

  test('to another domain where that is listed, and then to no other', () => {
    const isMomento = hostsIn(['Example.com', 'momento.test']);
    expect(['cell.example.com', 'momento.test', 'momentohq.com'].map(isMomento)).toEqual([true, true, false]);
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('to %s where that is listed, to any of its ports', (host) => {
    const isMomento = hostsIn(['momentohq.com', host]);
    expect(isMomento(`${host}:1`)).toBe(true);
    const others = ['localhost', '127.0.0.1', '[::1]'].filter((other) => other !== host);
    expect(others.map((other) => isMomento(`${other}:1`))).toEqual([false, false]);
    // The SDK would look for cache.localhost.
    expect(isMomento(host)).toBe(false);
    expect(isMomento(`cell.${host}:1`)).toBe(false);
    expect(isMomento(`cell.${host}`)).toBe(false);
  });
});

describe('no key is sent', () => {
  test.each([
    // Other hosts.
    'thief.example',
    'momentohq.com.thief.example',
    'notmomentohq.com',
    'momentohq.comx',
    'momentohq.co',
    'com',
    // What is no host by itself.
    '',
    '.',
    '.momentohq.com',
    '..momentohq.com',
    'a..momentohq.com',
    'cell.momentohq.com.',
    'cell.momentohq.com..',
    '-.momentohq.com',
    'a-.momentohq.com',
    'a_b.momentohq.com',
    `${'a'.repeat(64)}.momentohq.com`,
    // What stands before or behind a host.
    'cell.momentohq.com:443',
    'cell.momentohq.com:8443',
    'cell.momentohq.com:',
    'thief.example:1@momentohq.com',
    'momentohq.com@thief.example',
    'thief.example/.momentohq.com',
    'thief.example?.momentohq.com',
    'thief.example#.momentohq.com',
    'thief.example\\.momentohq.com',
    'thief.example%2f.momentohq.com',
    'thief.example\0.momentohq.com',
    'thief.example\n.momentohq.com',
    'cell.momentohq.com\n',
    ' cell.momentohq.com',
    'https://momentohq.com',
    // What a resolver or a URL parser makes something else of.
    'cell.momentohq。com',
    'cell.momentohq．com',
    'cell.mom\u212anto.com',
    'ⓒell.momentohq.com',
    'cell.moment\u00adohq.com',
    // Addresses, in any spelling.
    '10.0.0.1',
    '169.254.169.254',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.1:1',
    '2130706433:1',
    '0x7f000001:1',
    '0x7f.0.0.1:1',
    '0177.0.0.1:1',
    '0:1',
    '0.0.0.0:1',
    'localhost:1',
    'LOCALHOST:1',
    'localhost.:1',
    '[::1]:1',
    '[::ffff:127.0.0.1]:1',
    '[0:0:0:0:0:0:0:1]:1',
    '::1',
  ])('to %j', (endpoint) => {
    expect(hostsIn()(endpoint)).toBe(false);
  });

  test.each([
    '127.1:1',
    '2130706433:1',
    '0x7f000001:1',
    '0177.0.0.1:1',
    '127.0.0.1.:1',
    '127.0.0.01:1',
    '127.0.0.1',
    '127.0.0.1:1:2',
    '127.0.0.1:1/x',
    'x@127.0.0.1:1',
    '127.0.0.1:1@thief.example',
    'thief.example:1@127.0.0.1:1',
    '[::ffff:127.0.0.1]:1',
    '127.0.0.1:123456',
    '127.0.0.1:x',
  ])('to %j where 127.0.0.1 is listed', (endpoint) => {
    expect(hostsIn(['127.0.0.1'])(endpoint)).toBe(false);
  });
});
