#!/usr/bin/env node
"use strict";

// The command `everytick`. Written in old syntax, so that an old Node reads far enough to say what is wrong.
var wanted = require("../package.json").engines.node.replace(">=", "");
var found = process.versions.node;

function isOlder(version, than) {
  var a = version.split(".").map(Number);
  var b = than.split(".").map(Number);
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

if (isOlder(found, wanted)) {
  console.error("everytick needs Node " + wanted + " or newer; this is Node " + found + ".");
  console.error("Install a current Node from https://nodejs.org and run the command again.");
  process.exit(1);
} else {
  import("../dist/src/cli/main.js");
}
