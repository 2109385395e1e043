import { useEffect, useState } from "preact/hooks";
import { useSession } from "../model/context.ts";
import { countText } from "../model/text.ts";

const sayMilliseconds = 1000;

/** Says the tick to a screen reader, at most once a second. */
export function TickVoice() {
  const session = useSession();
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setInterval(() => {
      const snapshot = session.snapshot.peek();
      if (snapshot !== undefined) say(`tick ${countText(snapshot.tick)}`);
    }, sayMilliseconds);
    return () => clearInterval(timer);
  }, [session]);
  return (
    <div class="unseen" aria-live="polite">
      {said}
    </div>
  );
}
