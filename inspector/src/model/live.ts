import { effect } from "@preact/signals";
import type { Session } from "./session.ts";

/** A run that is being written is looked at when the server says that it grew. */
export function followLive(session: Session): void {
  effect(() => {
    const id = session.runId.value;
    if (session.run.value === undefined || !session.isLive.value || id === undefined) return;
    const events = new EventSource(`/v1/runs/${encodeURIComponent(id)}/live`);
    let isLooking = false;
    let looksAgain = false;
    const look = async (hasEnded: boolean): Promise<void> => {
      looksAgain = isLooking;
      if (isLooking) return;
      isLooking = true;
      try {
        do {
          looksAgain = false;
          await session.refresh();
        } while (looksAgain);
        session.isServerAway.value = false;
        if (hasEnded) session.isLive.value = false;
      } catch {
        session.isServerAway.value = true;
      }
      isLooking = false;
    };
    events.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const { isRecording } = JSON.parse(data) as { isRecording?: boolean };
      void look(isRecording === false);
    });
    events.addEventListener("error", () => (session.isServerAway.value = true));
    events.addEventListener("open", () => (session.isServerAway.value = false));
    return () => events.close();
  });
}
