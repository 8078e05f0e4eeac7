import type { PageName } from "../route.js";

/** Drawn by strokes, in a square of 20. */
const PATHS: Readonly<Record<PageName, string>> = {
  overview: "M3 16V9m4.7 7V4m4.6 12v-5M17 16V7",
  clients: "M4 4h12v9H4zM8 16.5h4M10 13v3.5",
  topics: "M4 4v12M4 6h5m-5 8h5M9 4.5h7v3H9zm0 8h7v3H9z",
  playground: "M3 7h11l-3-3m6 9H6l3 3",
  cluster:
    "M10 3.5h.01M10 6v3m-1.5 1.5L6 14m5.5-3.5L14 14M8 3.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M3 15.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M13 15.5a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
  rocketmq: "M10 3c3 2 4 5 3.5 9h-7C6 8 7 5 10 3zm-3.5 9L4 15m9.5-3l2.5 3M10 15v2.5",
  log: "M4 5h12M4 10h12M4 15h7",
  configuration: "M3 6h7m5 0h2M3 14h2m5 0h7M12.5 4v4M7.5 12v4",
};

/** The picture of a page in the menu; the word beside it says the same. */
export function PageIcon({ page }: { page: PageName }) {
  return <Icon path={PATHS[page]} />;
}

/** The bee, much simplified. */
export function BrandIcon() {
  return <Icon path="M10 2.5l6.5 3.75v7.5L10 17.5l-6.5-3.75v-7.5zM6.8 8h6.4M6.8 12h6.4" />;
}

function Icon({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
