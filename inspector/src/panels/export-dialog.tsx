import { captioned, captionOf, download, fileName } from "../export/caption.ts";
import { csvOf } from "../export/csv.ts";
import { usePage } from "../model/context.ts";
import { countText } from "../model/text.ts";
import { ClipForm } from "./clip-form.tsx";
import { Modal } from "./modal.tsx";

export function ExportDialog() {
  return (
    <Modal title="Export">
      <div class="body">
        <Picture />
        <ClipForm />
        <Rows />
      </div>
    </Modal>
  );
}

function Picture() {
  const page = usePage();
  const save = async (scale: number): Promise<void> => {
    const picture = page.picture?.(scale * devicePixelRatio);
    const tick = page.session.snapshot.value?.tick;
    if (picture === undefined || tick === undefined) return;
    const canvas = captioned(picture, captionOf(page, tick), scale * devicePixelRatio);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob !== null) download(blob, fileName(page, tick, "png"));
  };
  if (page.picture === undefined) {
    return <p class="soft">The rows view has no picture; its rows can be saved below.</p>;
  }
  return (
    <section>
      <h3 style={{ fontSize: "13px", marginBottom: "6px" }}>Picture of this tick</h3>
      <p class="soft">With run, tick and seed below it.</p>
      <div class="row-buttons">
        <button class="button" onClick={() => void save(1)}>
          PNG
        </button>
        <button class="button" onClick={() => void save(2)}>
          PNG, 2×
        </button>
      </div>
    </section>
  );
}

function Rows() {
  const page = usePage();
  const snapshot = page.session.snapshot.value;
  if (snapshot === undefined) return null;
  const stores = snapshot.state.stores.filter(({ store }) => snapshot.has(store));
  return (
    <section>
      <h3 style={{ fontSize: "13px", marginBottom: "6px" }}>Rows of this tick (CSV)</h3>
      <div class="row-buttons">
        {stores.map(({ store }) => (
          <button
            key={store}
            class="button"
            onClick={() => {
              const { name } = snapshot.schema(store);
              download(
                new Blob([csvOf(snapshot, store)], { type: "text/csv" }),
                fileName(page, `${snapshot.tick}-${name}`, "csv"),
              );
            }}
          >
            {snapshot.schema(store).name} · {countText(snapshot.liveRows(store).length)} rows
          </button>
        ))}
      </div>
    </section>
  );
}
