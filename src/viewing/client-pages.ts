import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { type ClientFacts, factsOf } from "./client-facts.js";
import { LOOKED_AT_MAX, type Page, type PageRequest } from "./page.js";

/** Which Clients a page is to hold. */
export interface ClientQuery extends PageRequest {
  /** Only those that are connected, or are not. */
  readonly connected: boolean | undefined;
  /** Only those with this text, as it is, in their Client Identifier or user name. */
  readonly text: string;
}

/**
 * Clients in the order of their identifiers' code units, those without a connection too if they have
 * a Session. Whoever stays during a walk from page to page is found exactly once; who comes or goes
 * meanwhile may be. O(log n + limit), or with a choice O(log n + {@link LOOKED_AT_MAX}).
 */
export function clientPage(core: Core, query: ClientQuery): Page<ClientFacts> {
  const { after = "", limit } = query;
  const items: ClientFacts[] = [];
  let looked = 0;
  let last = after;
  const isEnd = core.sessions.inOrder.walk(after, (clientId, session) => {
    if (clientId === query.after) return true;
    if (items.length === limit || looked === LOOKED_AT_MAX) return false;
    looked += 1;
    last = clientId;
    if (isWanted(core, session, query)) items.push(factsOf(core, session));
    return true;
  });
  return { items, next: isEnd ? undefined : last };
}

function isWanted(core: Core, session: ClientSession, query: ClientQuery): boolean {
  const { connected, text } = query;
  const { clientId, connection } = session;
  if (connected !== undefined && connected !== (connection !== undefined)) return false;
  if (text === "" || clientId.includes(text)) return true;
  // Its connection has the same user, unless anyone may take a Session over.
  const isOthers = connection !== undefined && core.settings.takeOverBy === "anyone";
  const username = isOthers ? connection.identity?.username : session.username;
  return username?.includes(text) === true;
}
