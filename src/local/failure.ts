/** What is told of an error that a function threw. */
export interface Failure {
  name: string;
  message: string;
}

export function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}
