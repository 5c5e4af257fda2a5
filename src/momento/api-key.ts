import { CredentialProvider } from '@gomomento/sdk';
import { InvalidValueError } from '../rotation/errors.ts';
import { endpointInV1ApiKey, isHost, isV2ApiKey, type LegacyApiKey } from './encoded-key.ts';
import { hostOnThisMachine } from './hosts.ts';
import { LocalV2CredentialProvider } from './local-v2-credential-provider.ts';

/** An API key, as its holder has it. Sensitive. */
export type ApiKey = V1ApiKey | V2ApiKey;

export interface V1ApiKey {
  version: 1;
  /** base64 of `{"endpoint", "api_key"}`. */
  encoded: string;
  /** Where the key's account lives, as the key itself says: `cell-….momentohq.com`. */
  endpoint: string;
}

export interface V2ApiKey {
  version: 2;
  /** A JWT. */
  encoded: string;
  /** Where the key's account lives. A v2 key does not say, so that it is kept beside the key. */
  endpoint: string;
}

/**
 * Reads an API key.
 *
 * @param field the field it stands in, for the message
 * @param endpoint what stands in the field `endpoint` beside it; only a v2 key needs it
 * @throws InvalidValueError when it is no key, or a v2 key without an endpoint
 */
export function readApiKey(encoded: string, field: string, endpoint?: unknown): ApiKey {
  if (isV2ApiKey(encoded)) return usable({ version: 2, encoded, endpoint: readEndpoint(endpoint) }, field);
  const decoded = endpointInV1ApiKey(encoded);
  if (decoded === undefined) {
    throw new InvalidValueError(
      `Field "${field}" is not a Momento API key (base64 of {"endpoint", "api_key"}). Copy the key again, whole.`,
    );
  }
  return usable({ version: 1, encoded, endpoint: decoded }, field);
}

/** The SDK reads a key more strictly than it has to be read here, and throws where it is used first. */
function usable(apiKey: ApiKey, field: string): ApiKey {
  try {
    credentialProvider(apiKey);
    return apiKey;
  } catch {
    throw new InvalidValueError(
      `Field "${field}" is not an API key that Momento's SDK takes. Copy the key again, whole.`,
    );
  }
}

/**
 * How the SDK reaches the account of a key: over TLS at the hosts that it derives from the key's endpoint, or that a legacy
 * key names, except that an endpoint on this machine, with a port, stands for all of Momento's hosts, in plaintext.
 */
export function credentialProvider({ version, encoded, endpoint }: ApiKey | LegacyApiKey): CredentialProvider {
  const local = hostOnThisMachine(endpoint) !== undefined;
  if (version === 2) {
    return local
      ? new LocalV2CredentialProvider(encoded, endpoint)
      : CredentialProvider.fromApiKeyV2({ apiKey: encoded, endpoint });
  }
  if (!local) return CredentialProvider.fromString({ apiKey: encoded });
  return CredentialProvider.fromString({
    apiKey: encoded,
    endpointOverrides: {
      controlEndpoint: endpoint,
      cacheEndpoint: endpoint,
      tokenEndpoint: endpoint,
      secureConnection: false,
    },
  });
}

function readEndpoint(endpoint: unknown): string {
  if (endpoint === undefined || endpoint === '') {
    throw new InvalidValueError(
      'Field "endpoint" is missing, which a v2 API key needs beside it: the endpoint that the Momento console shows with the key.',
    );
  }
  if (!isHost(endpoint)) throw new InvalidValueError('Field "endpoint" is not the name of a host.');
  return endpoint;
}
