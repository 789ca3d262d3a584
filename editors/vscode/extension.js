/** Starts `pulsec lsp` and connects the editor to it. Without vscode-languageclient colours and snippets still work. */
"use strict";
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

exports.activate = async () => {
  const library = loadClient();
  if (!library) {
    const text = "pulsec: run `npm install` in this extension's folder for diagnostics, hover and completion.";
    vscode.window.showInformationMessage(text);
    return;
  }
  const command = vscode.workspace.getConfiguration("pulsec").get("path") || "pulsec";
  // On Windows npm's commands are scripts, which only a shell starts.
  const server = { command, args: ["lsp"], options: { shell: process.platform === "win32" } };
  const documentSelector = [{ language: "pulse" }, { language: "pir" }];
  client = new library.LanguageClient("pulsec", "pulsec", server, { documentSelector });
  try {
    await client.start();
  } catch (e) {
    vscode.window.showErrorMessage(`pulsec: \`${command} lsp\` does not start: ${e.message ?? e}. See the setting pulsec.path.`);
  }
};

exports.deactivate = () => client?.stop();
