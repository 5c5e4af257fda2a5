import { createScanner } from 'jsonc-parser';
import { InvalidValueError } from '../rotation/errors.ts';
import { looksLikeApiKey } from './encoded-key.ts';
import { type Fields, parseFields } from './fields.ts';

/** A secret's value that keeps its form when it is changed. Sensitive. */
export interface EditableValue {
  readonly fields: Fields;
  /** The value with other contents in it. */
  change(changes: Changes): string;
}

/** What a field becomes; undefined: it is left out. */
type Changes = Record<string, string | number | undefined>;

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
export function readEditable(secretString: string, shape: string): EditableValue {
  if (looksLikeApiKey(secretString.trim())) {
    throw new InvalidValueError(
      `It is an API key alone, which applications can use, but which says too little to be succeeded. Store it as ${shape}.`,
    );
  }
  const fields = parseFields(secretString, shape);
  const places = new Map<string, Place>();
  for (const [name, place] of placesIn(secretString)) {
    if (places.has(name)) {
      const which = KNOWN.find((known) => known === name);
      throw new InvalidValueError(
        `${which === undefined ? 'A field' : `Field "${which}"`} is there twice. Keep one of them.`,
      );
    }
    places.set(name, place);
  }
  return { fields, change: (changes) => changeFields(secretString, fields, places, changes) };
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
 * The value with other contents: the same fields in the same order, a number in a string if it was in one, and every
 * character that belongs to other fields as it was. New fields come last.
 */
function changeFields(
  secretString: string,
  fields: Fields,
  places: ReadonlyMap<string, Place>,
  changes: Changes,
): string {
  const contents = new Map(Object.entries(changes));
  const all = [...places].map(([name, place]) => ({ name, place, change: contents.get(name) }));
  const [first, last] = [all.at(0), all.at(-1)].map((each) => each?.place) as [Place, Place];
  const partings = all.map(({ place }, index) =>
    secretString.slice(all[index - 1]?.place.end ?? place.start, place.start),
  );
  const body = all.flatMap(({ name, place, change }, index) => {
    if (contents.has(name) && change === undefined) return [];
    const { start, valueStart, end } = place;
    const json = JSON.stringify(typeof fields.get(name) === 'string' ? String(change) : change);
    const text = change === undefined ? secretString.slice(start, end) : secretString.slice(start, valueStart) + json;
    return [{ parting: partings[index], text }];
  });
  const kept = body.map(({ parting, text }, index) => (index === 0 ? '' : parting) + text);
  const added = [...contents].filter(([name, change]) => change !== undefined && !fields.has(name));
  const json = added.map(([name, change]) => `,${JSON.stringify(name)}:${JSON.stringify(String(change))}`);
  return [secretString.slice(0, first.start), ...kept, ...json, secretString.slice(last.end)].join('');
}
