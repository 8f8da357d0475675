// Reads an AsyncAPI document from standard input with the official parser, and writes what is
// wrong with it: nothing for a valid one. That a newer version of AsyncAPI exists is not wrong.
import { text } from "node:stream/consumers";
import parser from "@asyncapi/parser";

const { document, diagnostics } = await new parser.Parser().parse(await text(process.stdin));
const wrong = diagnostics.filter((d) => d.code !== "asyncapi-latest-version");
for (const d of wrong) console.log(`${d.path.join("/")}: ${d.message}`);
if (!document && wrong.length === 0) console.log("no document");
