import { serialization } from './error.ts';

/** A request's body; an empty one stands for `{}`. @throws SerializationException */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw serialization('The request is not valid JSON.');
  }
}

/** An answer's body: dates are seconds since 1970 with fractions, binary values base64. */
export function formatBody(output: unknown): string {
  return JSON.stringify(encode(output));
}

function encode(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encode(member)]));
}
