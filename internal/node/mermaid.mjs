// Reads a Mermaid diagram from standard input, and writes what is wrong with it: nothing for a
// valid one. Mermaid wants a browser's window, also to parse.
import { text } from "node:stream/consumers";
import { JSDOM } from "jsdom";

globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

try {
  await mermaid.parse(await text(process.stdin));
} catch (err) {
  console.log(err.message);
}
