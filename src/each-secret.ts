import { type Budget, keepingBack } from './rotation/budget.ts';
import { concise, RotationError, rotationError } from './rotation/errors.ts';

/** What is to be done for several secrets, one after the other. */
export interface Several {
  /** The event's field that names them. */
  field: string;
  /** Names or ARNs. */
  secretIds: readonly string[];
  budget: Budget;
  /** The place in the list to begin with; those before it come last. @default 0 */
  first?: number;
  /** Told of each that failed. `name`: undefined where Secrets Manager did not answer for it. */
  failed(name: string | undefined, error: unknown): void;
}

/** Work on one secret, which calls `known` with its name as soon as Secrets Manager has answered for it. */
type Work = (secretId: string, budget: Budget, known: (name: string) => void) => Promise<void>;

/** What went wrong with one of them. */
export interface Problem {
  /** Its name; or, since what nobody has answered for may be anything and is not spoken about, its place in the event. */
  subject: string;
  error: RotationError;
}

/** What a secret may take of the time at least, in milliseconds, however many there are. */
const LEAST_SHARE_MS = 5000;

/**
 * Does it for each secret, and goes on to the next whatever is wrong with one. One for which nobody answers leaves time for those
 * after it; those for which none is left are not begun.
 *
 * @returns what went wrong, and the places in the list of those that were not begun
 */
export async function eachSecret(several: Several, work: Work): Promise<{ problems: Problem[]; notBegun: number[] }> {
  const { field, secretIds, budget, first = 0, failed } = several;
  const problems: Problem[] = [];
  const places = [...secretIds.keys()].map((place) => (first + place) % secretIds.length);
  for (const [done, place] of places.entries()) {
    const remaining = budget.remaining();
    if (remaining === 0) return { problems, notBegun: places.slice(done) };
    const shareMs = Math.max(remaining / (places.length - done), LEAST_SHARE_MS);
    let name: string | undefined;
    try {
      await work(secretIds[place] as string, keepingBack(budget, Math.max(0, remaining - shareMs)), (known) => {
        name = known;
      });
    } catch (error) {
      failed(name, error);
      problems.push({ subject: name ?? `${field}[${place}]`, error: rotationError(error) });
    }
  }
  return { problems, notBegun: [] };
}

/** What to throw about several problems: it says as much of each as it has room for. */
export function summaryOf(problems: readonly Problem[]): RotationError {
  const all = problems.map(({ subject, error }) => `${subject}: ${error.message}`).join(' ');
  return new RotationError(
    problems.every(({ error }) => error.failure === 'transient') ? 'transient' : 'operator',
    all === concise(all) ? all : `Each of ${problems.length} problems is in a line of its own in the log. ${all}`,
  );
}
