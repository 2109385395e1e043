import { render } from "preact";
import { App } from "./app.tsx";
import { Caller } from "./engine/calls.ts";
import { startAddress } from "./model/address.ts";
import { followLive } from "./model/live.ts";
import { Page } from "./model/page.ts";
import { Session } from "./model/session.ts";

const worker = new Worker(new URL("./engine/engine-worker.ts", import.meta.url), {
  type: "module",
  name: "engine",
});
const session = new Session(new Caller(worker));
const page = new Page(session);
startAddress(page);
followLive(session);
void page.listRuns();
render(<App page={page} />, document.querySelector("#page") as HTMLElement);
