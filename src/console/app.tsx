import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { visible } from "../log/escape.js";
import { AdminApi, type EventStream } from "./api/admin-api.js";
import { Client } from "./pages/client.js";
import { Clients } from "./pages/clients.js";
import { Cluster } from "./pages/cluster.js";
import { Configuration } from "./pages/configuration.js";
import { Log } from "./pages/log.js";
import { Overview } from "./pages/overview.js";
import { Playground } from "./pages/playground.js";
import { RocketMq } from "./pages/rocketmq.js";
import { SignIn } from "./pages/sign-in.js";
import { Topics } from "./pages/topics.js";
import { Console, useConsole } from "./parts/console-context.js";
import { BrandIcon, PageIcon } from "./parts/icons.js";
import { useLoaded } from "./parts/loading.js";
import { ThemeChoice } from "./parts/theme.js";
import { hashOf, PAGES, type PageName, type Route, routeOf } from "./route.js";

const TITLES: Readonly<Record<PageName, string>> = {
  overview: "Overview",
  clients: "Clients",
  topics: "Topics",
  playground: "Playground",
  cluster: "Cluster",
  rocketmq: "RocketMQ",
  log: "Log",
  configuration: "Settings",
};

/** The whole console: the menu and one page, or the way in. */
export function App() {
  const [isSignedIn, setIsSignedIn] = useState<boolean>(); // not known before the first answer
  const api = useMemo(() => {
    const openStream = (url: string) => new EventSource(url) as EventStream;
    return new AdminApi(
      (...asked) => fetch(...asked),
      openStream,
      () => setIsSignedIn(false),
    );
  }, []);
  const route = useRoute();
  useEffect(() => {
    api.isSignedIn().then(setIsSignedIn, () => setIsSignedIn(false));
  }, [api]);
  if (isSignedIn === undefined) return null;
  if (!isSignedIn) return <SignIn api={api} onSignedIn={() => setIsSignedIn(true)} />;
  return (
    <Console.Provider value={{ api, route }}>
      <button type="button" class="skip" onClick={focusMain}>
        To the content
      </button>
      <div class="shell">
        <Side
          current={route.page}
          onSignOut={() => void api.signOut().finally(() => setIsSignedIn(false))}
        />
        <Main route={route} />
      </div>
    </Console.Provider>
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const onChange = (): void => setRoute(routeOf(location.hash));
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return route;
}

function Side({ current, onSignOut }: { current: PageName; onSignOut: () => void }) {
  const { api } = useConsole();
  const { value } = useLoaded("bridge", (signal) => api.rocketmq(signal));
  const { value: server } = useLoaded("server", (signal) => api.server(signal));
  // Few are one of these, and both are rare.
  const isAway = (page: PageName): boolean =>
    (page === "rocketmq" && value?.bridge === undefined) ||
    (page === "cluster" && server?.nodeName === undefined);
  return (
    <header class="side">
      <div class="brand">
        <BrandIcon />
        Beeline
      </div>
      <nav class="menu" aria-label="Pages">
        {PAGES.filter((page) => !isAway(page)).map((page) => (
          <a
            key={page}
            href={hashOf({ page })}
            aria-current={page === current ? "page" : undefined}
          >
            <PageIcon page={page} />
            {TITLES[page]}
          </a>
        ))}
      </nav>
      <div class="side-end">
        <ThemeChoice />
        <button type="button" class="plain small" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}

/** A page that somebody has come to is read from its top. */
function Main({ route }: { route: Route }) {
  const main = useRef<HTMLElement>(null);
  const { page, item } = route;
  const place = page === "clients" ? `${page}/${item}` : page;
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    scrollTo(0, 0);
  }, [place]);
  const heading = page === "clients" && item !== "" ? visible(item) : TITLES[page];
  return (
    <main class="main" id="main" ref={main} tabIndex={-1}>
      <div class="head">
        <h1 class="break">{heading}</h1>
      </div>
      <Page route={route} />
    </main>
  );
}

function Page({ route: { page, item } }: { route: Route }) {
  switch (page) {
    case "overview":
      return <Overview />;
    case "clients":
      return item === "" ? <Clients /> : <Client key={item} clientId={item} />;
    case "topics":
      return <Topics />;
    case "playground":
      return <Playground />;
    case "cluster":
      return <Cluster />;
    case "rocketmq":
      return <RocketMq />;
    case "log":
      return <Log />;
    case "configuration":
      return <Configuration />;
  }
}

/** Past the menu. A link would change the address, which names the page. */
function focusMain(): void {
  document.getElementById("main")?.focus();
}
