import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { View } from "../model/views.ts";

type ViewComponent = FunctionComponent<{ readonly view: View }>;

interface LazyProps {
  readonly view: View;
  readonly what: string;
  readonly load: () => Promise<ViewComponent>;
}

/** A view whose code is fetched when it is first wanted. */
export function Lazy({ view, what, load }: LazyProps) {
  const [loaded, setLoaded] = useState<{ readonly component: ViewComponent }>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    setFailed(false);
    load().then(
      (component) => setLoaded({ component }),
      () => setFailed(true),
    );
  }, []);
  if (loaded !== undefined) return <loaded.component view={view} />;
  return (
    <div class="empty" style={{ background: "none" }}>
      <p>
        {failed
          ? `The ${what} view could not be loaded. Is the server still running? Reload the page to try again.`
          : `Loading ${what}…`}
      </p>
    </div>
  );
}
