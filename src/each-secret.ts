import { type Budget, keepingBack } from './rotation/budget.ts';
import { concise, RotationError, rotationError } from './rotation/errors.ts';

/** Several secrets, for each of which the same is to be done. */
export interface Batch {
  /** The event's field that names them. */
  field: string;
  /** Names or ARNs. */
  secretIds: readonly string[];
  budget: Budget;
  /** The place in the list to begin with; those before it come last. @default 0 */
  first?: number;
  /** Told of each that failed. `name`: undefined where Secrets Manager did not answer for it. */
  onProblem(name: string | undefined, error: unknown): void;
}

/** Work on one secret, which calls `onConfirmed` with its name as soon as Secrets Manager has answered for it. */
type Work = (secretId: string, budget: Budget, onConfirmed: (name: string) => void) => Promise<void>;

/** What went wrong with one of them. */
interface Problem {
  /** Its name; or, since what nobody has answered for may be anything and is not spoken about, its place in the event. */
  subject: string;
  error: RotationError;
  /** It is a defect of the function. */
  isUnexpected: boolean;
}

/** What a secret may take of the time at least, in milliseconds, however many there are. */
const LEAST_SHARE_MS = 5000;

/**
 * Does it for each secret, and goes on to the next whatever is wrong with one. One for which nobody answers leaves time for those
 * after it; those for which none is left are not begun.
 *
 * @returns what went wrong, and the places in the list of those that were not begun
 */
export async function forEachSecret(batch: Batch, work: Work): Promise<{ problems: Problem[]; notBegun: number[] }> {
  const { secretIds, budget, first = 0, onProblem } = batch;
  const problems: Problem[] = [];
  const places = [...secretIds.keys()].map((place) => (first + place) % secretIds.length);
  for (const [done, place] of places.entries()) {
    const remaining = budget.remaining();
    if (remaining === 0) return { problems, notBegun: places.slice(done) };
    const shareMs = Math.max(remaining / (places.length - done), LEAST_SHARE_MS);
    let name: string | undefined;
    try {
      await work(secretIds[place] as string, keepingBack(budget, Math.max(0, remaining - shareMs)), (confirmed) => {
        name = confirmed;
      });
    } catch (error) {
      onProblem(name, error);
      problems.push(problemOf(name ?? placeOf(batch, place), error));
    }
  }
  return { problems, notBegun: [] };
}

/** What a secret is called that nobody has answered for. */
export const placeOf = ({ field }: Pick<Batch, 'field'>, place: number): string => `${field}[${place}]`;

export function problemOf(subject: string, error: unknown): Problem {
  return { subject, error: rotationError(error), isUnexpected: !(error instanceof RotationError) };
}

/** What to throw about several problems: it says as much of each as it has room for. */
export function summaryOf(problems: readonly Problem[]): RotationError {
  const all = problems.map(({ subject, error }) => `${subject}: ${error.message}`).join(' ');
  return new RotationError(
    problems.every(({ error }) => error.failure === 'transient') ? 'transient' : 'operator',
    all === concise(all) ? all : `Each of ${problems.length} problems is in a line of its own in the log. ${all}`,
  );
}
