/** What the peers take, and what they rotate. */
export interface StepEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
}

export interface Value {
  apiKey: string;
  refreshToken: string;
  validUntil: string;
}
