/** What a local service shows to those who connect over TLS. PEM. */
export interface Certificate {
  key: string;
  /** With those of the authorities between it and the root behind it. */
  cert: string;
}
