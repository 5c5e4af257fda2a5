import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** The connections that other processes hold to servers of this one, from now on. */
export function watchConnections() {
  const accepted = new Set<Socket>();
  const own = new Set<Socket>();
  const accept = (message: unknown) => remember(accepted, (message as { socket: Socket }).socket);
  const connect = (message: unknown) => remember(own, (message as { socket: Socket }).socket);
  subscribe('net.server.socket', accept);
  subscribe('net.client.socket', connect);
  return {
    /** How many there are to `host:port`, or the URL that ends with it. */
    openTo(endpoint: string): number {
      const ownPorts = new Set([...own].map(({ localPort }) => localPort));
      const toEndpoint = [...accepted].filter(({ localPort }) => endpoint.endsWith(`:${localPort}`));
      return toEndpoint.filter(({ remotePort }) => !ownPorts.has(remotePort)).length;
    },
    stop(): void {
      unsubscribe('net.server.socket', accept);
      unsubscribe('net.client.socket', connect);
    },
  };
}

function remember(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}
