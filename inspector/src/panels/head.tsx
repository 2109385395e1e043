import { usePage } from "../model/context.ts";
import { isAppleKeyboard } from "../model/keyboard.ts";
import type { Page } from "../model/page.ts";
import icon from "../icon.svg";
import { Icon } from "./icons.tsx";

const themes = { system: "dark", dark: "light", light: "system" } as const;

export function Head() {
  const page = usePage();
  const { session } = page;
  const run = session.run.value;
  return (
    <header class="head">
      <a class="brand" href="/" aria-label="everytick, all runs">
        <img src={icon} alt="" />
        <span class="wide">everytick</span>
      </a>
      {session.runId.value !== undefined && (
        <h1 class="run-name" style={{ fontSize: "13px" }}>
          {session.runId.value}
        </h1>
      )}
      {session.isLive.value && (
        <span class="chip live">
          <span class="dot" /> live
        </span>
      )}
      <div class="facts">{run !== undefined && <Facts page={page} />}</div>
      <button class="button wide" onClick={() => (page.dialog.value = "commands")}>
        <Icon name="search" /> Commands <kbd>{isAppleKeyboard() ? "⌘" : "Ctrl "}K</kbd>
      </button>
      <button
        class="button"
        onClick={() => (page.dialog.value = "share")}
        disabled={run === undefined}
      >
        <Icon name="share" /> <span class="wide">Share</span>
      </button>
      <button
        class="button"
        onClick={() => (page.dialog.value = "export")}
        disabled={run === undefined}
      >
        <Icon name="download" /> <span class="wide">Export</span>
      </button>
      <button
        class="button plain icon wide"
        title={`Theme: ${page.theme.value}`}
        aria-label={`Theme: ${page.theme.value}. Change it`}
        onClick={() => (page.theme.value = themes[page.theme.value])}
      >
        <Icon name="moon" />
      </button>
      <button
        class="button plain icon"
        aria-label="Help and keys"
        onClick={() => (page.dialog.value = "help")}
      >
        ?
      </button>
    </header>
  );
}

function Facts({ page }: { readonly page: Page }) {
  const { card } = page.session.run.value!;
  const labels = Object.entries(card.labels).slice(0, 2);
  return (
    <>
      <span>
        {card.world.name} <span class="faint">v{card.world.version}</span>
      </span>
      <span>
        <span class="faint">seed</span> {card.seed}
      </span>
      {labels.map(([name, text]) => (
        <span key={name}>
          <span class="faint">{name}</span> {text.slice(0, 60)}
        </span>
      ))}
    </>
  );
}
