// Reads messages from standard input, each behind its length in 4 bytes, and answers each with
// two of the same form: the value in words, and the message written again.
import { Decoder, Encoder, ExtensionCodec, decodeTimestampToTimeSpec, encodeTimeSpecToTimestamp } from "@msgpack/msgpack";

// A Date has milliseconds; Time keeps all that a timestamp has.
class Time {
  constructor(spec) {
    this.sec = spec.sec;
    this.nsec = spec.nsec;
  }
}

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: -1,
  encode: (value) => (value instanceof Time ? encodeTimeSpecToTimestamp(value) : null),
  decode: (data) => new Time(decodeTimestampToTimeSpec(data)),
});

// An object has only strings for keys; others are marked, and stand there in words.
const mark = "\ue000in words:";
const mapKeyConverter = (key) => (typeof key === "string" ? key : mark + words(key));

const decoder = new Decoder({ extensionCodec, useBigInt64: true, mapKeyConverter });
const encoder = new Encoder({ extensionCodec, useBigInt64: true });

// words writes a value in the way that node_test.go does for the bytes that were sent.
function words(v) {
  if (v === null || v === undefined) return "nil";
  if (typeof v === "boolean") return String(v);
  if (typeof v === "bigint") return `i${v}`;
  if (typeof v === "number") return `n${bits(v)}`;
  if (typeof v === "string") return `s${Buffer.from(v).toString("hex")}`;
  if (v instanceof Uint8Array) return `b${Buffer.from(v).toString("hex")}`;
  if (v instanceof Time) return `t${v.sec}.${v.nsec}`;
  if (Array.isArray(v)) return `[${v.map(words).join(" ")}]`;
  const entries = Object.keys(v).map((key) => `${key.startsWith(mark) ? key.slice(mark.length) : words(key)}=${words(v[key])}`);
  return `{${entries.sort().join(" ")}}`;
}

function bits(v) {
  const b = Buffer.alloc(8);
  b.writeDoubleBE(Object.is(v, -0) ? 0 : v);
  return b.toString("hex");
}

function frame(data) {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  return [head, data];
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = Buffer.concat(chunks);

const out = [];
for (let at = 0; at < input.length; ) {
  const size = input.readUInt32BE(at);
  const value = decoder.decode(input.subarray(at + 4, at + 4 + size));
  at += 4 + size;
  out.push(...frame(Buffer.from(words(value))), ...frame(Buffer.from(encoder.encode(value))));
}
process.stdout.write(Buffer.concat(out));
