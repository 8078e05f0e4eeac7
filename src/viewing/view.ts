import type { Core } from "../state/core.js";
import { type ClientFacts, type WholeClientFacts, wholeFactsOf } from "./client-facts.js";
import { type ClientQuery, clientPage } from "./client-pages.js";
import type { Page } from "./page.js";
import {
  type RetainedFacts,
  type RetainedQuery,
  retainedPage,
  type WholeRetained,
  wholeRetained,
} from "./retained-pages.js";
import {
  type SubscriptionFacts,
  type SubscriptionQuery,
  subscriptionPage,
} from "./subscription-pages.js";

/** What whoever runs the broker may look at, at any time: inside a turn, too. Nothing is changed. */
export class View {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** {@link clientPage} */
  clients(query: ClientQuery): Page<ClientFacts> {
    return clientPage(this.#core, query);
  }

  /** {@link wholeFactsOf} */
  client(clientId: string): WholeClientFacts | undefined {
    return wholeFactsOf(this.#core, clientId);
  }

  /** {@link subscriptionPage} */
  subscriptions(query: SubscriptionQuery): Page<SubscriptionFacts> {
    return subscriptionPage(this.#core, query);
  }

  /** {@link retainedPage} */
  retained(query: RetainedQuery): Page<RetainedFacts> {
    return retainedPage(this.#core, query);
  }

  /** {@link wholeRetained} */
  retainedMessage(topicName: string): WholeRetained | undefined {
    return wholeRetained(this.#core, topicName);
  }
}
