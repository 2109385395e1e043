import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Page } from "./page.ts";
import type { Session } from "./session.ts";

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  return useContext(PageContext) as Page;
}

export function useSession(): Session {
  return usePage().session;
}
