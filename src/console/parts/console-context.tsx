import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { AdminApi } from "../api/admin-api.js";
import type { Route } from "../route.js";

/** What every page may use. */
export interface ConsoleContext {
  readonly api: AdminApi;
  readonly route: Route;
}

export const Console = createContext<ConsoleContext | undefined>(undefined);

/** @throws outside the signed-in console. */
export function useConsole(): ConsoleContext {
  const context = useContext(Console);
  if (context === undefined) throw new Error("this part of the page needs the console around it");
  return context;
}
