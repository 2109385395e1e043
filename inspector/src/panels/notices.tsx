import { usePage, useSession } from "../model/context.ts";
import { Icon } from "./icons.tsx";

/** What the whole page has to say: the server is away, the run is damaged, a link is of another version. */
export function Notices() {
  const page = usePage();
  const session = useSession();
  const damage = session.run.value?.damage;
  return (
    <>
      {session.isServerAway.value && (
        <div class="notice bad" role="status">
          <span class="dot" />
          The server does not answer. What was read stays here; the page goes on when it is back.
        </div>
      )}
      {damage !== undefined && (
        <div class="notice" role="status">
          <span>
            This run is damaged: {damage.message} {damage.details.where} Ticks outside of it can be
            seen; <code class="mono">everytick recover {session.runId.value}</code> brings back what
            is intact.
          </span>
        </div>
      )}
      {page.notice.value !== undefined && (
        <div class="notice" role="status">
          <span style={{ flex: 1 }}>{page.notice.value}</span>
          <button
            class="button plain icon"
            aria-label="Dismiss"
            onClick={() => (page.notice.value = undefined)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </>
  );
}
