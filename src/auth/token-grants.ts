import type { Token } from "./token-form.js";

/** All that `Grants` may say. */
interface TokenGrants {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly sendTo: readonly string[];
}

/** What tokens let a Client do together; sending to a Client is publishing. [P18] */
export function grantsOf(tokens: Iterable<Token>): TokenGrants {
  const publish: string[] = [];
  const subscribe: string[] = [];
  for (const { type, resources } of tokens) {
    if (type !== "R") publish.push(...resources);
    if (type !== "W") subscribe.push(...resources);
  }
  const sendTo = publish.map(addressIn).filter((address) => address !== undefined);
  return { publish, subscribe, sendTo: [...new Set(sendTo)] };
}

/** Which of the Clients `{parent}/p2p/{clientId}` a Topic Filter covers. */
function addressIn(topicFilter: string): string | undefined {
  const [parent = "", middle, to, ...rest] = topicFilter.split("/");
  if (parent === "#") return "+/+";
  if (parent === "" || parent.startsWith("$")) return undefined;
  if (middle === "#") return `${parent}/+`;
  if ((middle !== "p2p" && middle !== "+") || to === undefined || to === "") return undefined;
  const isWhole = rest.length === 0 || (rest.length === 1 && rest[0] === "#");
  if (!isWhole) return undefined;
  return `${parent}/${to === "#" ? "+" : to}`;
}
