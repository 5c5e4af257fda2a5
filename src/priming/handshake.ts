import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { nothing } from './nothing.ts';

/**
 * Begins a TLS handshake with nobody, and ends it before a first message is written: by then Node.js has read the certificates of all
 * authorities that it trusts, which it keeps.
 */
export function beginHandshake(): void {
  const nowhere = new Duplex({ read: nothing, write: nothing });
  // That it ends before it is done may be an error.
  connect({ socket: nowhere, servername: 'unreal.invalid' }).on('error', nothing).destroy();
}
