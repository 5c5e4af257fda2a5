import { Client, credentials } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { closeChannels } from '../../src/momento/close-channels.ts';

function grpcClient() {
  const client = new Client('127.0.0.1:1', credentials.createInsecure());
  return { client, close: vi.spyOn(client, 'close') };
}

test('the gRPC clients inside a client of the SDK are closed, and no deeper than they are', () => {
  const [inside, tooDeep] = [grpcClient(), grpcClient()];
  closeChannels({ data: { clients: [{ grpc: inside.client }], others: [{ deeper: { grpc: tooDeep.client } }] } });

  expect(inside.close).toHaveBeenCalledOnce();
  expect(tooDeep.close).not.toHaveBeenCalled();
  tooDeep.client.close();
});

test('what is not there does not get in the way', () => {
  const { client, close } = grpcClient();
  closeChannels({ logger: null, name: 'a client', wrapper: { getChannel: () => undefined }, client });

  expect(close).toHaveBeenCalledOnce();
});
