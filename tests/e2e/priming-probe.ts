/**
 * Imports the bundle whose path it is given, and writes what of that reached the operating system. Compiled to one plain file.
 */
import { createHook } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { type Server, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

export interface Watched {
  /** What was begun, by the names that `async_hooks` has for it. */
  begun: string[];
  /** Where connections went, and where somebody listened. `host:port` */
  connected: string[];
  listened: string[];
  /** Handles and timers when it was over. Run with `--expose-gc`. */
  left: string[];
}

const HANDLES = /^(TLSWRAP|JSSTREAM|HTTP2|TCP|PIPE|UDP|TTY|PROCESS|FSEVENT|STAT|MESSAGEPORT|WORKER|Timeout)/;

const begun = new Set<string>();
const live = new Map<number, string>();
const connected: string[] = [];
const listened: string[] = [];

createHook({
  init(id, type) {
    begun.add(type);
    live.set(id, type);
  },
  destroy: (id) => void live.delete(id),
}).enable();
subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const address = (message as { server: Server }).server.address();
  listened.push(typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : `${address}`);
});
const { connect } = Socket.prototype;
Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
  const [options] = (Array.isArray(given[0]) ? given[0] : given) as [{ host?: string; port?: number; path?: string }];
  connected.push(options.path ?? `${options.host}:${options.port}`);
  return (connect as (...given: unknown[]) => Socket).apply(this, given);
} as typeof connect;

// Handles of this process, which are made when they are first asked for.
void [process.stdout, process.stderr];
const own = new Set(live.keys());
await import(pathToFileURL(process.argv[2] as string).href);
// What has ended is told of in the turn that follows, and of some things when they are collected.
globalThis.gc?.();
await turn();
const left = [...live].filter(([id, type]) => !own.has(id) && HANDLES.test(type)).map(([, type]) => type);
const watched: Watched = { begun: [...begun], connected, listened, left };
process.stdout.write(JSON.stringify(watched));
