/** What is done about what priming does not care for. */
export const nothing = () => {};
