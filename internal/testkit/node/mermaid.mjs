// Reads Mermaid diagrams from standard input, with a form feed between them, and writes what is wrong
// with each: nothing for a valid one. Mermaid wants a browser's window, also to parse.
import { text } from "node:stream/consumers";
import { JSDOM } from "jsdom";

globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

for (const diagram of (await text(process.stdin)).split("\f")) {
  try {
    await mermaid.parse(diagram);
  } catch (err) {
    console.log(err.message);
  }
}
