/** What a request says: fields of a form, or the keys of a JSON object. */
export type TokenRequest = Readonly<Record<string, string>> & {
  readonly [K in "accessKey" | "signature" | "token" | "expireTime"]?: string;
};

/** What is answered: the status of HTTP, and an object for JSON. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & {
    readonly success: boolean;
    readonly code: number;
    readonly message: string;
  };
}
