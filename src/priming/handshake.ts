import { Duplex } from 'node:stream';
import { connect } from 'node:tls';

/**
 * Begins a TLS handshake with nobody: reads the certificates of all authorities that Node.js trusts, which it then keeps, and writes a
 * first message, which goes nowhere.
 */
export function beginHandshake(): void {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  // That it ends before it is done is an error.
  connect({ socket: nowhere, servername: 'unreal.invalid' })
    .on('error', () => {})
    .destroy();
}
