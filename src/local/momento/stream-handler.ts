import { type handleServerStreamingCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Fault } from '../faults.ts';
import type { GrpcError } from './calls.ts';
import { arrive, type HandlerOptions, MALFORMED } from './grpc-call.ts';
import type { Outlet, StreamAnswer } from './services.ts';
import { StatusError } from './status-error.ts';

/**
 * Answers one kind of call whose answer is a stream, letting a fault strike: `before` the stream begins, or `after` it has, which is
 * when its first messages are sent. A delay `before` puts off the beginning, a delay `after` what there is to send by then.
 */
export function createStreamHandler(
  rpc: string,
  answer: StreamAnswer,
  options: HandlerOptions,
): handleServerStreamingCall<unknown, unknown> {
  const { faults, later } = options;

  return (call) => {
    const { context, conclude, suffer } = arrive(rpc, call, options);
    const answers = { fail: (error: StatusError) => fail(call, error), garble: () => call.write(MALFORMED) };

    /** Whether it has begun, and was not refused. */
    const begin = (outlet: Outlet, onBegun: () => void, fault?: Fault<GrpcError>) => {
      // Who has gone by now does not come back to be told.
      if (call.cancelled) return;
      try {
        const stop = answer(call.request, context, outlet);
        call.on('cancelled', stop);
        onBegun();
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        conclude(error.code, fault);
        fail(call, error);
      }
    };

    const outlet = outletOf(call);
    const fault = faults.strike(rpc);
    if (!fault) {
      begin(outlet, () => conclude('OK'));
    } else if (fault.mishap.kind === 'delay') {
      const { ms } = fault.mishap;
      if (fault.at === 'after') begin(delayed(outlet, ms, later), () => conclude('OK', fault), fault);
      else later(ms, () => begin(outlet, () => conclude('OK', fault), fault));
    } else {
      const { mishap } = fault;
      if (fault.at === 'after') begin(outlet, () => suffer(fault, mishap, answers), fault);
      else suffer(fault, mishap, answers);
    }
  };
}

type Stream = ServerWritableStream<unknown, unknown>;

function outletOf(call: Stream): Outlet {
  return {
    send: (message) => void call.write(message),
    end(reason) {
      if (reason) fail(call, reason);
      else call.end();
    },
  };
}

/** What is sent within that time waits until it is over. */
function delayed(outlet: Outlet, ms: number, later: HandlerOptions['later']): Outlet {
  let waiting: (() => void)[] | undefined = [];
  later(ms, () => {
    for (const action of waiting ?? []) action();
    waiting = undefined;
  });
  const inTurn = (action: () => void) => (waiting ? void waiting.push(action) : action());
  return {
    send: (message) => inTurn(() => outlet.send(message)),
    end: (reason) => inTurn(() => outlet.end(reason)),
  };
}

function fail(call: Stream, { code, message }: StatusError): void {
  call.emit('error', { code: status[code], details: message });
}
