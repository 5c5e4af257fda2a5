import type { LocalMomento } from '../../../src/local/momento/momento.ts';

export interface HttpAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** The HTTP API as its documentation has it, with nothing but `fetch`. */
export function apiKeysClient({ apiKeysEndpoint }: LocalMomento, apiKey: string | undefined) {
  const headers = apiKey === undefined ? {} : { authorization: apiKey };
  async function send(method: string, path: string, body?: string, signal?: AbortSignal): Promise<HttpAnswer> {
    const init = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) };
    const response = await fetch(`${apiKeysEndpoint}${path}`, init);
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  }
  return {
    send,
    generate: (request: object, signal?: AbortSignal) => send('POST', '/api-keys', JSON.stringify(request), signal),
    list: (query: Record<string, string> = {}) => send('GET', `/api-keys?${new URLSearchParams(query)}`),
    revoke: (keyId: string) => send('DELETE', `/api-keys/${encodeURIComponent(keyId)}`),
  };
}

export const keyIds = ({ body }: HttpAnswer) => (body['key_info'] as { key_id: string }[]).map(({ key_id }) => key_id);
