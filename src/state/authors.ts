import type { Settings } from "../ports/options.js";
import type { Identity } from "../ports/policy.js";
import type { Rights } from "../ports/rights.js";
import type { Message } from "../session/message.js";
import { type Author, authorOf } from "../session/retained-message.js";

/**
 * Who has published what is retained, and whether it still may: a right that is gone takes with it
 * what was published under it. [H04]
 */
export class Authors {
  readonly #settings: Pick<Settings, "policy" | "deniedRetained">;
  /** One object for all that a connection publishes. */
  readonly #known = new WeakMap<Identity, Author>();
  /** The last one asked about: mostly one Client has written many topics. */
  #asked: Author | undefined;
  #rights: Rights | undefined;

  constructor(settings: Pick<Settings, "policy" | "deniedRetained">) {
    this.#settings = settings;
  }

  /**
   * As whom the publisher of a retained message is remembered; `undefined`: no rules let it publish,
   * or rules of its own, which end with its connection.
   */
  of(from: Identity | undefined): Author | undefined {
    if (from?.rights === undefined || from.rules !== undefined) return undefined;
    const known = this.#known.get(from);
    if (known !== undefined) return known;
    const { clientId, username, remoteAddress, listener, certificate } = from;
    const author = { clientId, username, remoteAddress, listener, certificate };
    this.#known.set(from, author);
    return author;
  }

  /** Whether a retained message may be given to anybody, by the rules of now. */
  mayStill(message: Message): boolean {
    const author = authorOf(message);
    if (author === undefined || this.#settings.deniedRetained === "serve") return true;
    if (author !== this.#asked) {
      this.#asked = author;
      this.#rights = this.#settings.policy.rightsOf?.({ ...author, cleanSession: true });
    }
    return this.#rights === undefined || this.#rights.mayPublish(message.topicName, true);
  }

  /** Rules have changed: nothing that was found out holds any more. */
  renew(): void {
    this.#asked = undefined;
    this.#rights = undefined;
  }
}
