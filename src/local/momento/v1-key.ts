/**
 * A v1 key as applications hold it: base64 of `{"endpoint","api_key"}`, byte for byte as the Momento SDK wraps the answer to a
 * refresh (`RefreshApiKey.Success` of `@gomomento/sdk-core`). On the wire only the inner `api_key` travels.
 */
export function wrapV1Key(endpoint: string, apiKey: string): string {
  return Buffer.from(JSON.stringify({ endpoint, api_key: apiKey })).toString('base64');
}

/** The inner `api_key`, or undefined if `wrapped` is not a v1 key. */
export function unwrapV1Key(wrapped: string): string | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(wrapped, 'base64').toString());
    if (typeof content !== 'object' || content === null || !('api_key' in content)) return undefined;
    return typeof content.api_key === 'string' ? content.api_key : undefined;
  } catch {
    return undefined;
  }
}
