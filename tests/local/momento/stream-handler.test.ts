import { EventEmitter, once } from 'node:events';
import { pubsub } from '@gomomento/generated-types';
import { type handleServerStreamingCall, Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { Faults } from '../../../src/local/faults.ts';
import type { Call, GrpcError } from '../../../src/local/momento/calls.ts';
import type { StreamAnswer } from '../../../src/local/momento/services.ts';
import { createStreamHandler } from '../../../src/local/momento/stream-handler.ts';
import { subscribeOnWire } from './wire.ts';

/** A server of `Subscribe` alone, at which a delay is over when the test says so. */
async function startSubscribe(answer: StreamAnswer) {
  const faults = new Faults<GrpcError>();
  const calls: Call[] = [];
  const seen = new EventEmitter<{ arrival: [ServerWritableStream<unknown, unknown>]; delay: [number, () => void] }>();
  const handle = createStreamHandler('Subscribe', answer, {
    faults,
    now: () => new Date(),
    idOf: () => undefined,
    record: (call) => void calls.push(call),
    later: (ms, end) => void seen.emit('delay', ms, end),
    disconnect() {},
  });
  const Subscribe: handleServerStreamingCall<unknown, unknown> = (call) => {
    seen.emit('arrival', call);
    handle(call);
  };
  const server = new Server();
  onTestFinished(() => server.forceShutdown());
  server.addService(pubsub.cache_client.pubsub.UnimplementedPubsubService.definition, { Subscribe });
  const port = await new Promise<number>((resolve, reject) => {
    const onBound = (error: Error | null, bound: number) => (error ? reject(error) : resolve(bound));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), onBound);
  });
  return { endpoint: `127.0.0.1:${port}`, faults, calls, seen };
}

test.each([
  { caller: 'gone', begun: 0 },
  { caller: 'there', begun: 1 },
])(
  'a stream that is put off, whose caller is $caller when the delay is over, begins $begun times',
  async ({ caller, begun }) => {
    let answered = 0;
    const { faults, calls, seen, ...server } = await startSubscribe((_request, _context, outlet) => {
      answered += 1;
      outlet.end();
      return () => {};
    });
    faults.add({ call: 'Subscribe', at: 'before', mishap: { kind: 'delay', ms: 1234 } });
    const striking = Promise.all([once(seen, 'arrival'), once(seen, 'delay')]);
    const { cancel, expectTold } = subscribeOnWire(server, 'key');

    const [[call], [ms, endDelay]] = await striking;
    expect(ms).toBe(1234);
    if (caller === 'gone') {
      const gone = once(call, 'cancelled');
      cancel();
      await gone;
      await expectTold('CANCELLED');
    }
    expect(answered).toBe(0);
    endDelay();
    expect(answered).toBe(begun);
    expect(calls).toHaveLength(begun);
  },
);
