/** What happens at a stand-in, and who wants to hear of it. */
export interface Events<E> {
  publish(event: E): void;
  /**
   * @param listener called at once, in the middle of what it is told of. It must not throw.
   * @returns a function that ends the subscription.
   */
  subscribe(listener: (event: E) => void): () => void;
}

export function createEvents<E>(): Events<E> {
  const listeners = new Set<(event: E) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
