import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createSecureServer } from 'node:tls';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from '@grpc/grpc-js';
import type { Certificate } from '../certificate.ts';
import { type HandlerOptions, passingBytes } from './grpc-call.ts';
import { createRpcHandler } from './rpc-handler.ts';
import type { Service } from './services.ts';
import { createStreamHandler } from './stream-handler.ts';

export interface GrpcServer {
  /** `127.0.0.1:PORT` */
  address: string;
  /** From now on calls are answered. */
  serve(services: readonly Service[], options: Omit<HandlerOptions, 'later' | 'disconnect'>): void;
  /** Serves a connection that did not come over loopback. */
  accept(connection: Duplex): void;
  /** Breaks off every call and closes every connection. */
  close(): Promise<void>;
}

/**
 * A gRPC server on loopback, in plaintext unless it has a certificate. It holds its sockets itself, rather than leave them to the gRPC
 * library, so that the one under a call can be reset, and all of them be closed at once.
 */
export async function listen(port: number, certificate?: Certificate): Promise<GrpcServer> {
  const grpc = new Server();
  const connections = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Map<string, Socket>();
  const timers = new Set<NodeJS.Timeout>();

  const hold = (socket: Socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.once('close', () => sockets.delete(peer));
    connections.injectConnection(socket);
  };
  const listener =
    certificate === undefined
      ? createServer(hold)
      : createSecureServer({ ...certificate, ALPNProtocols: ['h2'] }, hold);
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');

  const later = (ms: number, action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
  };
  const disconnect = (peer: string) => {
    sockets.get(peer)?.resetAndDestroy();
  };

  return {
    address: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
    serve(services, options) {
      const all = { ...options, later, disconnect };
      for (const { definition, answers, streams } of services) {
        const handlers: Record<string, UntypedHandleCall> = {};
        for (const [rpc, answer] of Object.entries(answers)) handlers[rpc] = createRpcHandler(rpc, answer, all);
        for (const [rpc, answer] of Object.entries(streams)) handlers[rpc] = createStreamHandler(rpc, answer, all);
        grpc.addService(withPassingBytes(definition), handlers);
      }
    },
    accept: (connection) => connections.injectConnection(connection),
    async close() {
      for (const timer of timers) clearTimeout(timer);
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets.values()) socket.destroy();
      connections.destroy();
      grpc.forceShutdown();
      await closed;
    },
  };
}

function withPassingBytes(definition: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(definition).map(([rpc, method]) => [
      rpc,
      { ...method, responseSerialize: passingBytes(method.responseSerialize) },
    ]),
  );
}
