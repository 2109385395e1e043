import { usePage } from "../model/context.ts";
import { Changes } from "./changes.tsx";
import { Charts } from "./charts.tsx";
import { SelectionPanel } from "./selection.tsx";

/** Looking closer: what was chosen, what this tick changed, and how numbers went. */
export function Look() {
  const { session } = usePage();
  if (session.run.value === undefined) return <aside class="look" aria-label="Looking closer" />;
  return (
    <aside class="look" aria-label="Looking closer" tabIndex={-1}>
      <SelectionPanel />
      <Charts />
      <Changes />
    </aside>
  );
}
