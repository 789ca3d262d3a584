/** Starts `pulsec lsp` and connects the editor to it. Without vscode-languageclient colours and snippets still work. */
"use strict";
const { execFile } = require("node:child_process");
const vscode = require("vscode");

let client;

function loadClient() {
  try {
    return require("vscode-languageclient/node");
  } catch (e) {
    if (e.code !== "MODULE_NOT_FOUND") throw e;
    return undefined;
  }
}

// On Windows npm's commands are scripts, which only a shell starts.
const shell = process.platform === "win32";

/** Why the command does not run, if so: asked first, because the client's own message knows no way out. */
const failureOf = (command) =>
  new Promise((resolve) => execFile(command, ["--version"], { shell }, (e) => resolve(e?.message)));

exports.activate = async () => {
  const library = loadClient();
  if (!library) {
    const text = "pulsec: run `npm install` in this extension's folder for diagnostics, hover and completion.";
    vscode.window.showInformationMessage(text);
    return;
  }
  const command = vscode.workspace.getConfiguration("pulsec").get("path") || "pulsec";
  const failure = await failureOf(command);
  if (failure) {
    const help = "name it in the setting pulsec.path and reload the window";
    vscode.window.showErrorMessage(`pulsec: \`${command}\` does not start; ${help} (${failure}).`);
    return;
  }
  const server = { command, args: ["lsp"], options: { shell } };
  const documentSelector = [{ language: "pulse" }, { language: "pir" }];
  client = new library.LanguageClient("pulsec", "pulsec", server, { documentSelector });
  await client.start();
};

exports.deactivate = () => client?.stop();
