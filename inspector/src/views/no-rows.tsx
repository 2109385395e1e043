import type { ComponentChildren } from "preact";
import { usePage } from "../model/context.ts";

/** A tick at which a view has nothing to draw: why, and the way out. */
export function NoRows({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  const { session } = usePage();
  return (
    <div class="empty">
      <h3>{title}</h3>
      <p>{children}</p>
      <div class="choices">
        <button class="button" onClick={() => void session.goToChanged(1)}>
          Next changed tick
        </button>
      </div>
    </div>
  );
}
