/** The pages, in the order of the menu. */
export const PAGES = [
  "overview",
  "clients",
  "topics",
  "playground",
  "cluster",
  "rocketmq",
  "log",
  "configuration",
] as const;
export type PageName = (typeof PAGES)[number];

/** Where in the console somebody is. It stands behind the `#`, so that a link leads there again. */
export interface Route {
  readonly page: PageName;
  /** What of it is looked at: a Client Identifier, a Topic Name; `""`: nothing in particular. */
  readonly item: string;
  /** Filters and the like. */
  readonly query: Readonly<Record<string, string>>;
}

/** The place that the part of an address behind `#` names; what it does not know is the overview. */
export function routeOf(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [name = "", ...rest] = path.split("/");
  const page = PAGES.find((one) => one === name);
  if (page === undefined) return { page: "overview", item: "", query: {} };
  return {
    page,
    item: decoded(rest.join("/")),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** The address of a place, `#` included. Empty filters are left out. */
export function hashOf({
  page,
  item = "",
  query = {},
}: Partial<Route> & Pick<Route, "page">): string {
  const filled = Object.entries(query).filter(([, value]) => value !== "");
  const search = new URLSearchParams(filled).toString();
  const path = item === "" ? page : `${page}/${encodeURIComponent(item)}`;
  return `#/${path}${search === "" ? "" : `?${search}`}`;
}

/** An address that somebody has shortened is no reason to fail. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
