/** What became of a call of the SDK, which returns errors or, with `throwOnErrors`, throws them. */
export interface Outcome<T> {
  /** Answers as the SDK did, or throws as it did. */
  settle(): T;
  /** The SDK's. Undefined for an answer that is no error, and for what was thrown without one. */
  errorCode: unknown;
  thrown: boolean;
}

export async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    const answer = await call();
    return { settle: () => answer, errorCode: codeOf(answer), thrown: false };
  } catch (error) {
    const settle = () => {
      throw error;
    };
    return { settle, errorCode: codeOf(error), thrown: true };
  }
}

function codeOf(answer: unknown): unknown {
  const { errorCode } = (answer ?? {}) as { errorCode?: unknown };
  return typeof errorCode === 'function' ? errorCode.call(answer) : undefined;
}
