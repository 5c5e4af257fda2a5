import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Certificate } from '../../src/local/certificate.ts';

/** The Region of everything here. */
export const REGION = 'us-east-1';

/** Where the AWS SDK finds Secrets Manager by itself. */
const SECRETS_MANAGER = `secretsmanager.${REGION}.amazonaws.com`;

/** What Momento's keys are for. */
export const MOMENTO_DOMAIN = 'cell-1-us-east-1-1.prod.a.momentohq.com';

/** An authority made for one run, and what both services show. PEM. */
export interface Certificates {
  authority: string;
  services: Certificate;
}

/** As the services' own: RSA, and signed by an authority that is trusted. */
export async function createCertificates(): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'bench authority' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  const names = [SECRETS_MANAGER, MOMENTO_DOMAIN, `*.${MOMENTO_DOMAIN}`];
  const { private: key, cert } = await generate([{ name: 'commonName', value: SECRETS_MANAGER }], {
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  });
  return { authority: authority.cert, services: { key, cert: `${cert}\n${authority.cert}` } };
}

/** On 127.0.0.1. */
export interface Ports {
  secretsManager: number;
  momento: number;
}

/** What makes a process of Node.js find the stand-ins where the services are. */
export interface Network {
  arguments: string[];
  environment: Record<string, string>;
}

/** Of loopback; they tell who is meant. */
const ADDRESSES = { secretsManager: '127.0.0.2', momento: '127.0.0.3' };

/**
 * The functions know nothing of it: they look for the services by name, at port 443, over TLS. Names become addresses of loopback, and those
 * addresses the stand-ins' ports. Whatever else is asked for fails.
 *
 * @param folder for the files that it takes
 */
export async function createNetwork(folder: string, ports: Ports, { authority }: Certificates): Promise<Network> {
  const [trusted, redirection] = [join(folder, 'authority.pem'), join(folder, 'redirection.cjs')];
  await writeFile(trusted, authority);
  await writeFile(
    redirection,
    `const dns = require('node:dns');
    const { Socket } = require('node:net');
    const addresses = ${JSON.stringify(ADDRESSES)};
    const ports = ${JSON.stringify({ [ADDRESSES.secretsManager]: ports.secretsManager, [ADDRESSES.momento]: ports.momento })};
    function addressOf(host) {
      if (host in ports) return host;
      if (host === ${JSON.stringify(SECRETS_MANAGER)}) return addresses.secretsManager;
      if (host.endsWith(${JSON.stringify(`.${MOMENTO_DOMAIN}`)})) return addresses.momento;
      throw Object.assign(new Error('There is no ' + host + ' in this benchmark.'), { code: 'ENOTFOUND' });
    }
    dns.promises.lookup = async (name) => [{ address: addressOf(name), family: 4 }];
    const here = [{ address: '127.0.0.1', family: 4 }];
    const lookup = (_name, options, done) => process.nextTick(() => (options.all ? done(null, here) : done(null, here[0].address, 4)));
    const { connect } = Socket.prototype;
    Socket.prototype.connect = function (...given) {
      const [options] = Array.isArray(given[0]) ? given[0] : given;
      if (options.port === 443) Object.assign(options, { port: ports[addressOf(options.host)], lookup });
      if (options.host in ports) options.host = '127.0.0.1';
      return connect.apply(this, given);
    };`,
  );
  return { arguments: ['--require', redirection], environment: { NODE_EXTRA_CA_CERTS: trusted } };
}
