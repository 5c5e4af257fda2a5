import { distance } from 'fastest-levenshtein';
import { ConfigurationError } from './configuration-error.ts';

/**
 * Refuses what is hardly another's: the CDK and its user keep values of their own in the context, and what is mistyped would
 * go unnoticed among them, with the default deployed in its place.
 *
 * @param given names of values in the context
 * @param properties those of the construct that have another name here, or none
 * @throws ConfigurationError that names the one that may have been meant
 */
export function refuseMistyped(
  given: readonly string[],
  known: readonly string[],
  properties: Readonly<Record<string, string | undefined>>,
): void {
  for (const name of given.filter((each) => !known.includes(each))) {
    const meant = properties[name] ?? closestTo(name, known);
    if (meant !== undefined) {
      throw new ConfigurationError(`${name} is not a context value. Did you mean ${meant}? Write -c ${meant}=…`);
    }
    if (Object.hasOwn(properties, name)) {
      throw new ConfigurationError(
        `${name} is a property of the construct, and not a context value. Leave it out, or use MomentoKeyRotation in an app of your own.`,
      );
    }
  }
}

/** The closest of those in which up to a third of the letters differ, in whatever case and with whatever between words. */
function closestTo(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  const distances = known.map((other) => {
    const otherLetters = lettersOf(other);
    const differing = distance(letters, otherLetters);
    return { other, differing, isClose: differing <= Math.max(letters.length, otherLetters.length) / 3 };
  });
  const [closest] = distances.filter(({ isClose }) => isClose).sort((one, two) => one.differing - two.differing);
  return closest?.other;
}

function lettersOf(name: string): string {
  return name.replace(/[\s_.-]/g, '').toLowerCase();
}
