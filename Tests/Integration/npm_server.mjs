#!/usr/bin/env node
// A server laid out as npm installs one: started by a link in node_modules/.bin, with a module of its own beside it. It does as it is told.
import {execFileSync, spawnSync} from "node:child_process";
import {readFileSync, writeFileSync} from "node:fs";
import {createInterface} from "node:readline";
import {version} from "./version.mjs";

const acts = {
  read_text_file: ({path}) => readFileSync(path, "utf8"),
  write_file: ({path, content}) => (writeFileSync(path, content), "written"),
  run: ({command}) => String(execFileSync(command[0], command.slice(1))),
  which: () => process.execPath,
  again: () => String(spawnSync(process.execPath, ["-e", "console.log(6 * 7)"]).stdout),
};
const tools = Object.keys(acts).map((name) => ({name, inputSchema: {type: "object"}}));

function answer(method, params) {
  if (method === "initialize") {
    return {protocolVersion: params.protocolVersion, capabilities: {tools: {}}, serverInfo: {name: "npm", version}};
  }
  if (method === "tools/list") return {tools};
  if (method !== "tools/call") return null;
  try {
    return {content: [{type: "text", text: acts[params.name](params.arguments)}]};
  } catch (error) {
    return {content: [{type: "text", text: String(error)}], isError: true};
  }
}

createInterface({input: process.stdin}).on("line", (line) => {
  const {id, method, params} = JSON.parse(line);
  if (id === undefined) return;
  const result = answer(method, params);
  const outcome = result ? {result} : {error: {code: -32601, message: "no such method"}};
  process.stdout.write(JSON.stringify({jsonrpc: "2.0", id, ...outcome}) + "\n");
});
