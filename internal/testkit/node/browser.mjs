// Chromium for the tests of pages. What is wrong with a page becomes a line of the output, which is empty when all is well.
import { execFileSync } from "node:child_process";
import axe from "axe-core";
import { chromium } from "playwright-core";

const widths = [360, 800, 1280];
const themes = ["light", "dark"];

// problems are the lines of the output.
const problems = [];

export function report(...words) {
  problems.push(words.join(" "));
}

// input is what the test has written to standard input.
export async function readInput() {
  let text = "";
  for await (const part of process.stdin) text += part;
  return JSON.parse(text);
}

// run opens a browser for a scenario, and prints the problems. A scenario that cannot go on is one.
export async function run(scenario) {
  const input = await readInput();
  const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    await scenario(browser, input);
  } catch (err) {
    report(err.stack);
  }
  await browser.close();
  process.stdout.write(problems.map(line => line + "\n").join(""));
}

// Session is a user with a browser of their own. Errors in the console of the browser are reported, those of the page's policy among
// them, and so are requests to anywhere else.
export class Session {
  static async open(browser, base, user) {
    const context = await browser.newContext(user ? { httpCredentials: user } : {});
    context.setDefaultTimeout(30_000);
    const s = new Session();
    s.base = base;
    s.page = await context.newPage();
    s.refusals = false; // whether answers that are errors are meant
    s.page.on("console", m => {
      const refusal = s.refusals && m.text().startsWith("Failed to load resource");
      if (["error", "warning"].includes(m.type()) && !refusal) report(s.page.url(), "the browser says:", m.text());
    });
    s.page.on("pageerror", err => report(s.page.url(), "a script failed:", err));
    s.page.on("request", r => {
      if (!r.url().startsWith(new URL(base).origin + "/")) report(s.page.url(), "loads", r.url());
    });
    return s;
  }

  async visit(address) {
    const answer = await this.page.goto(this.base + address);
    if (!this.refusals && !answer.ok()) report(address, "answers", answer.status());
    return answer;
  }

  text() {
    return this.page.locator("main").innerText();
  }

  // until loads an address again until its main part has a text.
  async until(address, wanted) {
    for (const end = Date.now() + 60_000; ; await this.page.waitForTimeout(250)) {
      await this.visit(address);
      const text = await this.text();
      if (wanted instanceof RegExp ? wanted.test(text) : wanted(text)) return text;
      if (Date.now() > end) throw new Error(`${address} never has ${wanted}, but\n${text}`);
    }
  }

  // look checks the page as it is in all widths and themes: for what keeps people out, and for parts that stick out. With a folder it takes
  // pictures.
  async look(name, folder) {
    await this.page.evaluate(axe.source);
    for (const width of widths) {
      await this.page.setViewportSize({ width, height: 800 });
      for (const colorScheme of themes) {
        await this.page.emulateMedia({ colorScheme });
        const seen = `${name} at ${width} in ${colorScheme}:`;
        const rules = colorScheme === "light" ? {} : { runOnly: ["color-contrast", "link-in-text-block"] }; // the others have no theme
        const { violations } = await this.page.evaluate(rules => window.axe.run(rules), rules);
        for (const v of violations) report(seen, v.id, v.help, v.nodes.map(n => n.html + "\n" + n.failureSummary).join("\n"));
        const wide = await this.page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) report(seen, "it is", wide, "wide");
        if (folder) await this.page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await this.page.setViewportSize({ width: 1280, height: 800 });
    await this.page.emulateMedia({ colorScheme: "light" });
  }
}
