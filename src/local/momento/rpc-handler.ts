import { type handleUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { Fault } from '../faults.ts';
import type { GrpcError } from './calls.ts';
import { arrive, type HandlerOptions, MALFORMED } from './grpc-call.ts';
import type { Answer } from './services.ts';
import { StatusError } from './status-error.ts';

type Reply = sendUnaryData<unknown>;
type Result = { message: unknown } | StatusError;

/** Answers one kind of call, letting a fault strike: a delay `before` puts off the effect, a delay `after` only the answer. */
export function createRpcHandler(
  rpc: string,
  answer: Answer,
  options: HandlerOptions,
): handleUnaryCall<unknown, unknown> {
  const { faults, later } = options;

  return (call, reply) => {
    const { context, conclude, suffer } = arrive(rpc, call, options);

    const takeEffect = (fault?: Fault<GrpcError>) => {
      const result = attempt(() => answer(call.request, context));
      conclude(result instanceof StatusError ? result.code : 'OK', fault);
      return result;
    };

    const fault = faults.strike(rpc);
    if (!fault) {
      send(reply, takeEffect());
    } else if (fault.mishap.kind === 'delay') {
      const early = fault.at === 'after' ? takeEffect(fault) : undefined;
      later(fault.mishap.ms, () => send(reply, early ?? takeEffect(fault)));
    } else {
      if (fault.at === 'after') attempt(() => answer(call.request, context));
      suffer(fault, fault.mishap, { fail: (error) => send(reply, error), garble: () => reply(null, MALFORMED) });
    }
  };
}

function attempt(effect: () => unknown): Result {
  try {
    return { message: effect() };
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

function send(reply: Reply, result: Result): void {
  if (result instanceof StatusError) reply({ code: status[result.code], details: result.message });
  else reply(null, result.message);
}
