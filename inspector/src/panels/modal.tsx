import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { usePage } from "../model/context.ts";
import { isAppleKeyboard } from "../model/keyboard.ts";
import { keyText } from "../model/keys.ts";
import { Icon } from "./icons.tsx";

interface ModalProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly hasHeader?: boolean;
}

/** A dialog as the browser makes it: it keeps the focus, and Escape closes it. */
export function Modal({ title, children, hasHeader = true }: ModalProps) {
  const page = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = (): void => {
    page.dialog.value = undefined;
  };
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      {hasHeader && (
        <header>
          <h2>{title}</h2>
          <button class="button plain icon" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
      )}
      {children}
    </dialog>
  );
}

export function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span style={{ display: "inline-flex", gap: "4px" }}>
      {keys
        .filter((key) => key !== "=")
        .map((key) => (
          <kbd key={key}>{keyText(key, isAppleKeyboard())}</kbd>
        ))}
    </span>
  );
}
