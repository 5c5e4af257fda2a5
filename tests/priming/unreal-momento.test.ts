import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startUnrealMomento, type UnrealMomento } from '../../src/priming/unreal-momento.ts';

let momento: UnrealMomento;
let client: ClientHttp2Session;

beforeEach(async () => {
  momento = await startUnrealMomento();
  client = connect(`http://${momento.endpoint}`).on('error', () => {});
});
afterEach(() => {
  client.destroy();
});

const ask = () => client.request({ ':method': 'POST', ':path': '/cache_client.Scs/Get' }).on('error', () => {});

test('whoever goes in the middle of an answer is forgotten', async () => {
  const stream = ask();
  await once(stream, 'response');
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  await new Promise((resolve) => stream.once('close', resolve));
  const [headers] = await once(ask(), 'response');
  expect(headers).toMatchObject({ ':status': 200 });
  await momento.close();
});

test('it closes although somebody is connected who never asked', async () => {
  await once(client, 'connect');
  await expect(momento.close()).resolves.toBeUndefined();
});
