import { createPortal } from "preact/compat";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** The line below a view: what is under the pointer, and what the colours mean. */
export function Foot({ children }: { readonly children: ComponentChildren }) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  useLayoutEffect(() => setPlace(document.querySelector<HTMLElement>("#world-foot")), []);
  return place === null ? null : createPortal(<>{children}</>, place);
}
