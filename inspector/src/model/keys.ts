/** A key and what is held beside it, as a `KeyboardEvent` says them. */
interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** The key with what is held beside it; letters in lower case, `?` and `+` as they are whatever makes them. */
export function pressedKey(event: Pressed): string {
  const { length } = event.key;
  const key = event.key === " " ? "Space" : length === 1 ? event.key.toLowerCase() : event.key;
  const held = [
    event.ctrlKey || event.metaKey ? "Mod+" : "",
    event.altKey ? "Alt+" : "",
    event.shiftKey && key.length > 1 ? "Shift+" : "",
  ];
  return `${held.join("")}${key}`;
}

/** A key as people know it. */
export function keyText(key: string, isApple: boolean): string {
  if (key === "+") return key;
  const names: Readonly<Record<string, string>> = {
    ArrowLeft: "←",
    ArrowRight: "→",
    Mod: isApple ? "⌘" : "Ctrl",
    Escape: "Esc",
    PageUp: "Page Up",
    PageDown: "Page Down",
    Alt: isApple ? "⌥" : "Alt",
    "-": "−",
  };
  const parts = key.split("+");
  const texts = parts.map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return texts.join(isApple ? "" : " ");
}
