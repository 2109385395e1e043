#!/usr/bin/env node
import { runCli } from "./program.ts";

// An explicit exit, since a world may leave timers or sockets open that would keep the process alive.
process.exit(await runCli(process.argv.slice(2)));
