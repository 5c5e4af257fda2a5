import { InvalidValueError } from '../rotation/errors.ts';
import { looksLikeApiKey } from './encoded-key.ts';

/** What the fields of a secret's value hold. Sensitive. */
export type Fields = ReadonlyMap<string, unknown>;

/**
 * @param shape what is expected, for messages
 * @throws InvalidValueError when the value is no JSON object
 */
export function parseFields(secretString: string, shape: string): Fields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(secretString);
  } catch {
    // The parser's message quotes the text.
    throw new InvalidValueError(`It is not JSON, nor an API key. Expected is ${shape}.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new InvalidValueError(`It is JSON, but not an object. Expected is ${shape}.`);
  }
  return new Map(Object.entries(parsed));
}

/**
 * The names under which the key stands: `apiKey`, or the older `authToken`. If both are there, they must agree.
 *
 * @throws InvalidValueError
 */
export function keyFields(fields: Fields, shape: string): { names: string[]; encoded: string; field: string } {
  const names = ['apiKey', 'authToken'].filter((name) => fields.has(name));
  const [field, otherName] = names;
  if (field === undefined) throw new InvalidValueError(`Field "apiKey" is missing. Expected is ${shape}.`);
  const encoded = text(fields, field, shape);
  if (otherName !== undefined && text(fields, otherName, shape) !== encoded) {
    throw new InvalidValueError(`Fields "${field}" and "${otherName}" hold different keys. Keep one of them.`);
  }
  return { names, encoded, field };
}

/** Whether a field is missing, or says nothing. */
export function isBlank(fields: Fields, name: string): boolean {
  return (fields.get(name) ?? '') === '';
}

/** @throws InvalidValueError when it is missing, empty, or no string */
export function text(fields: Fields, name: string, shape: string): string {
  const value = fields.get(name);
  if (value === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${shape}.`);
  if (typeof value !== 'string') throw new InvalidValueError(`Field "${name}" is not a string. Expected is ${shape}.`);
  if (value === '') throw new InvalidValueError(`Field "${name}" is empty. Expected is ${shape}.`);
  return value;
}

/**
 * What only names something: it is spoken about, and must be no key.
 *
 * @throws InvalidValueError when it is missing, empty, no string, or an API key
 */
export function name(fields: Fields, field: string, shape: string): string {
  const value = text(fields, field, shape);
  if (!looksLikeApiKey(value.trim())) return value;
  throw new InvalidValueError(`Field "${field}" holds an API key, and should name something. Expected is ${shape}.`);
}

/** @throws InvalidValueError when it is missing, or no epoch in seconds, as a number or a string */
export function epochSeconds(fields: Fields, name: string, shape: string): Date {
  const value = fields.get(name);
  if (value === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${shape}.`);
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const date = new Date(Number.isInteger(seconds) ? (seconds as number) * 1000 : Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidValueError(`Field "${name}" is not an epoch in seconds, as a number or a string of digits.`);
  }
  return date;
}
