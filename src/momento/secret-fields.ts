import { createScanner } from 'jsonc-parser';
import { InvalidValueError } from '../rotation/errors.ts';
import { looksLikeApiKey } from './api-key.ts';

/** The fields of a secret's value, in their order, each with its place in the text. */
export type Fields = Map<string, Field>;

interface Field extends Place {
  value: unknown;
}

/** `"name": value`, by the offsets of its characters. */
interface Place {
  start: number;
  valueStart: number;
  end: number;
}

/** The fields that mean something here. Of another, already the name may be something that must not be spoken about. */
const KNOWN = [
  'apiKey',
  'authToken',
  'refreshToken',
  'validUntil',
  'endpoint',
  'keyId',
  'roleId',
  'adminSecret',
] as const;

/**
 * @param shape what is expected, for messages
 * @throws InvalidValueError when the value is no JSON object, or has a field twice
 */
export function readFields(secretString: string, shape: string): Fields {
  if (looksLikeApiKey(secretString.trim())) {
    throw new InvalidValueError(
      `It is an API key alone, which applications can use, but which says too little to be succeeded. Store it as ${shape}.`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(secretString);
  } catch {
    // The parser's message quotes the text.
    throw new InvalidValueError(`It is not JSON. Expected is ${shape}.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new InvalidValueError(`It is JSON, but not an object. Expected is ${shape}.`);
  }
  const values = new Map<string, unknown>(Object.entries(parsed));
  const fields: Fields = new Map();
  for (const [name, place] of placesIn(secretString)) {
    if (fields.has(name)) {
      const which = KNOWN.find((known) => known === name);
      throw new InvalidValueError(
        `${which === undefined ? 'A field' : `Field "${which}"`} is there twice. Keep one of them.`,
      );
    }
    fields.set(name, { ...place, value: values.get(name) });
  }
  return fields;
}

/**
 * Where the fields of an object are. Token by token, since whoever descends into what is nested runs out of stack somewhere.
 *
 * @param text known to be JSON, and an object
 */
function placesIn(text: string): [name: string, Place][] {
  const places: [string, Place][] = [];
  const scanner = createScanner(text, true);
  let depth = 0;
  let place: Place | undefined;
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const start = scanner.getTokenOffset();
    const end = start + scanner.getTokenLength();
    const sign = text[start] as string;
    if ('}]'.includes(sign)) depth -= 1;
    if (depth === 1 && sign === ',') {
      place = undefined;
    } else if (depth > 0) {
      if (place === undefined) {
        place = { start, valueStart: 0, end };
        places.push([JSON.parse(text.slice(start, end)), place]);
      } else if (place.valueStart === 0 && sign !== ':') {
        place.valueStart = start;
      }
      place.end = end;
    }
    if ('{['.includes(sign)) depth += 1;
  }
  return places;
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
  return (fields.get(name)?.value ?? '') === '';
}

/** @throws InvalidValueError when it is missing, empty, or no string */
export function text(fields: Fields, name: string, shape: string): string {
  const value = fields.get(name)?.value;
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
  const value = fields.get(name)?.value;
  if (value === undefined) throw new InvalidValueError(`Field "${name}" is missing. Expected is ${shape}.`);
  const seconds = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  const date = new Date(Number.isInteger(seconds) ? (seconds as number) * 1000 : Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidValueError(`Field "${name}" is not an epoch in seconds, as a number or a string of digits.`);
  }
  return date;
}

/** What a field becomes; undefined: it is left out. */
export type Changes = Record<string, string | number | undefined>;

/**
 * The value with other contents: the same fields in the same order, a number in a string if it was in one, and every
 * character that belongs to other fields as it was. New fields come last.
 */
export function changeFields(secretString: string, fields: Fields, changes: Changes): string {
  const contents = new Map(Object.entries(changes));
  const all = [...fields].map(([name, field]) => ({ name, field, change: contents.get(name) }));
  const [first, last] = [all.at(0), all.at(-1)].map((each) => each?.field) as [Field, Field];
  const partings = all.map(({ field }, index) =>
    secretString.slice(all[index - 1]?.field.end ?? field.start, field.start),
  );
  const body = all.flatMap(({ name, field, change }, index) => {
    if (contents.has(name) && change === undefined) return [];
    const { start, valueStart, end, value } = field;
    const json = JSON.stringify(typeof value === 'string' ? String(change) : change);
    const text = change === undefined ? secretString.slice(start, end) : secretString.slice(start, valueStart) + json;
    return [{ parting: partings[index], text }];
  });
  const kept = body.map(({ parting, text }, index) => (index === 0 ? '' : parting) + text);
  const added = [...contents].filter(([name, change]) => change !== undefined && !fields.has(name));
  const json = added.map(([name, change]) => `,${JSON.stringify(name)}:${JSON.stringify(String(change))}`);
  return [secretString.slice(0, first.start), ...kept, ...json, secretString.slice(last.end)].join('');
}
