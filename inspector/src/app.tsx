import { useEffect } from "preact/hooks";
import { listenToKeys } from "./model/keyboard.ts";
import { PageContext } from "./model/context.ts";
import type { Page } from "./model/page.ts";
import { Dialogs } from "./panels/dialogs.tsx";
import { Head } from "./panels/head.tsx";
import { Look } from "./panels/look.tsx";
import { Notices } from "./panels/notices.tsx";
import { Side } from "./panels/side.tsx";
import { Transport } from "./panels/transport.tsx";
import { TickVoice } from "./panels/tick-voice.tsx";
import { World } from "./views/world.tsx";

export function App({ page }: { readonly page: Page }) {
  useEffect(() => listenToKeys(page), [page]);
  const theme = page.theme.value;
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const toast = page.toast.value;
  return (
    <PageContext.Provider value={page}>
      <div class={page.isEmbedded ? "app embed" : "app"}>
        <Head />
        <Side />
        <main class="world" aria-label="World">
          <Notices />
          <World />
        </main>
        <Look />
        <footer class="foot">
          <Transport />
        </footer>
      </div>
      <Dialogs />
      <TickVoice />
      {toast !== undefined && (
        <div class="toast" role="status">
          {toast}
        </div>
      )}
    </PageContext.Provider>
  );
}
