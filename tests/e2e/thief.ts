import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createSecureServer, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';

/** A host that is not Momento's, to which keys are to be sent: it takes whatever comes, and lets everybody in. */
export interface Thief {
  port: number;
  /** How often somebody connected. */
  connections(): number;
  /** The keys that it was sent. */
  keys: string[];
}

/** Over TLS, as a host of Momento's, or in plaintext, as an address on this machine. */
export async function startThief(certificate?: Certificate): Promise<Thief> {
  const keys: string[] = [];
  let connections = 0;
  const server: Http2Server =
    certificate === undefined ? createServer() : createSecureServer({ key: certificate.key, cert: certificate.cert });
  server.on('connection', () => {
    connections += 1;
  });
  server.on('stream', (stream, { authorization }) => {
    keys.push(String(authorization));
    // "No such cache", by which a ping passes.
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections, keys };
}

export interface Certificate {
  key: string;
  cert: string;
}

/** For every host that a thief may use. */
export async function createCertificate(hosts: readonly string[]): Promise<Certificate> {
  const altNames = hosts.flatMap((host) => [host, `*.${host}`]).map((value) => ({ type: 2 as const, value }));
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'thief' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { key, cert };
}

/** The environment of a process for which every host's name is one of this machine, and which trusts the thief's certificate. */
export async function leadAstray({ cert }: Certificate): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'thief-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [certificate, names] = [join(folder, 'thief.pem'), join(folder, 'names.cjs')];
  await writeFile(certificate, cert);
  await writeFile(
    names,
    `const dns = require('node:dns');
    const address = { address: '127.0.0.1', family: 4 };
    dns.lookup = (name, options, done = options) =>
      process.nextTick(() => (options.all ? done(null, [address]) : done(null, address.address, address.family)));
    dns.promises.lookup = async (name, options) => (options?.all ? [address] : address);`,
  );
  return { NODE_EXTRA_CA_CERTS: certificate, NODE_OPTIONS: `--require ${names}` };
}
