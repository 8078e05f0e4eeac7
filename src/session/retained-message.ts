import { Message } from "./message.js";

/** Who has published a message, as far as rules look at it. */
export interface Author {
  readonly clientId: string;
  readonly username: string | undefined;
  /** As it was then, like `127.0.0.1:50412`. */
  readonly remoteAddress: string;
  /** Where it came in. */
  readonly listener: string | undefined;
  readonly certificate: AuthorCertificate | undefined;
}

/** What is kept of the certificate that it showed. */
export interface AuthorCertificate {
  readonly subject: { readonly CN?: string | readonly string[] };
  readonly subjectaltname?: string | undefined;
  readonly fingerprint256: string;
}

/** A retained message of somebody who publishes by rules: whether it may is asked again. [H04] */
export class RetainedMessage extends Message {
  readonly author: Author;

  constructor(author: Author, ...message: ConstructorParameters<typeof Message>) {
    super(...message);
    this.author = author;
  }
}

/** `undefined`: nobody publishes it by rules. */
export function authorOf(message: Message): Author | undefined {
  return message instanceof RetainedMessage ? message.author : undefined;
}
