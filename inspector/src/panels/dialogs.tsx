import { linkTo } from "../model/address.ts";
import { commandGroups, commandName, commandsNow, copyLink } from "../model/commands.ts";
import { usePage } from "../model/context.ts";
import { CommandPalette } from "./command-palette.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { Keys, Modal } from "./modal.tsx";

export function Dialogs() {
  const page = usePage();
  switch (page.dialog.value) {
    case "commands":
      return <CommandPalette />;
    case "help":
      return <Help />;
    case "share":
      return <Share />;
    case "export":
      return <ExportDialog />;
    default:
      return null;
  }
}

function Help() {
  const page = usePage();
  const now = new Set(commandsNow(page).map(({ name }) => name));
  return (
    <Modal title="Help and keys">
      <div class="body" tabIndex={0}>
        <p>
          Drag the strip at the bottom to any tick. Drag in the lane below it, or with Shift, to
          focus a range: play, charts and probes keep to it. Scroll over the strip to zoom. Click
          anything for its history. What you see is in the address: copy it, and whoever opens it
          sees the same.
        </p>
        <p class="soft">
          Bars show how many elements a tick changed, the least and the most of each stretch:
          nothing is sampled. Marks below them are keyframes; hatched is a gap or damage.
        </p>
        {commandGroups.map(({ title, commands }) => (
          <section key={title}>
            <h3
              class="faint"
              style={{ fontSize: "11px", textTransform: "uppercase", marginBottom: "4px" }}
            >
              {title}
            </h3>
            <dl class="pairs">
              {commands
                .filter(({ name, keys }) => keys.length > 0 && now.has(name))
                .map((command) => (
                  <>
                    <dt key={`${command.name} name`} style={{ color: "var(--text)" }}>
                      {commandName(page, command)}
                    </dt>
                    <dd key={`${command.name} keys`}>
                      <Keys keys={command.keys} />
                    </dd>
                  </>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}

function Share() {
  const page = usePage();
  const link = linkTo(page);
  const embedded = new URL(link);
  embedded.searchParams.set("embed", "1");
  const frame = `<iframe src="${embedded.href.replaceAll('"', "%22")}" width="800" height="600"></iframe>`;
  return (
    <Modal title="Share this view">
      <div class="body">
        <p class="soft">
          The link holds the tick, the view, the selection, the focus and the camera. It works for
          everyone who reaches this server.
        </p>
        <Copied name="Link" text={link} />
        <Copied name="To embed it" text={frame} />
        <div class="row-buttons">
          <button class="button main" autofocus onClick={() => void copyLink(page)}>
            Copy the link
          </button>
        </div>
      </div>
    </Modal>
  );
}

function Copied({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <label class="form-row">
      <span class="soft">{name}</span>
      <input
        class="field mono"
        readOnly
        value={text}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
    </label>
  );
}
