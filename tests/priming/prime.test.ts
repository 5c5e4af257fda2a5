import { afterEach, describe, expect, test, vi } from 'vitest';
import { prime } from '../../src/priming/prime.ts';

const momento = vi.hoisted(() => ({ start: vi.fn() }));
vi.mock('../../src/priming/unreal-momento.ts', async (importActual) => {
  const { startUnrealMomento } = await importActual<typeof import('../../src/priming/unreal-momento.ts')>();
  momento.start.mockImplementation(startUnrealMomento);
  return { startUnrealMomento: momento.start };
});

afterEach(() => {
  momento.start.mockClear();
});

test('all four steps of a rotation come to their end', async () => {
  await expect(prime({})).resolves.toBe(true);
});

test('it can be repeated, and leaves nothing that a second time would meet', async () => {
  await prime({});
  await expect(prime({})).resolves.toBe(true);
});

describe('a failure is none', () => {
  test('nobody can be connected to', async () => {
    momento.start.mockRejectedValueOnce(Object.assign(new Error(), { code: 'EACCES' }));
    await expect(prime({})).resolves.toBe(false);
  });

  test('the connection breaks', async () => {
    momento.start.mockResolvedValueOnce({ host: '127.0.0.1', endpoint: '127.0.0.1:1', close: async () => {} });
    await expect(prime({})).resolves.toBe(false);
  });

  test('something never comes', async () => {
    momento.start.mockReturnValueOnce(new Promise(() => {}));
    await expect(prime({})).resolves.toBe(false);
  });
});

test.each(['grpc_proxy', 'https_proxy', 'http_proxy'])('with %s nothing is begun', async (name) => {
  await expect(prime({ [name]: 'http://127.0.0.1:1' })).resolves.toBe(false);
  expect(momento.start).not.toHaveBeenCalled();
});

test.each([
  ['1768', true],
  ['1769', false],
  ['10240', false],
])('with %s MB of memory it is worth it: %s', async (memory, isWorthIt) => {
  await expect(prime({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory })).resolves.toBe(isWorthIt);
  expect(momento.start).toHaveBeenCalledTimes(isWorthIt ? 1 : 0);
});
