import { commandsNow } from "./commands.ts";
import { pressedKey } from "./keys.ts";
import type { Page } from "./page.ts";

/** Keys work everywhere but in fields, which keep their own. @returns how to stop listening */
export function listenToKeys(page: Page): () => void {
  const listen = (event: KeyboardEvent): void => {
    const pressed = pressedKey(event);
    if (page.dialog.value !== undefined) return;
    if (isField(event.target) && pressed !== "Mod+k") return;
    // A focused button is pressed with the space bar, as everywhere.
    if (pressed === "Space" && event.target instanceof HTMLButtonElement) return;
    const command = commandsNow(page).find(({ keys }) => keys.includes(pressed));
    if (command === undefined) return;
    event.preventDefault();
    command.run(page);
  };
  addEventListener("keydown", listen);
  return () => removeEventListener("keydown", listen);
}

/** Whether commands are held with ⌘ here. */
export function isAppleKeyboard(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "range";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
