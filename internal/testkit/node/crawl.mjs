// Looks at pages of a console. Input: base, addresses by the names of pictures, and the folder for these, if any.
import { report, run, Session } from "./browser.mjs";

await run(async (browser, input) => {
  const s = await Session.open(browser, input.base);
  for (const [name, address] of Object.entries(input.pages)) {
    await s.visit(address);
    await s.look(name, input.pictures);
    const harm = await s.page.evaluate(() => ({
      ran: window.harmed === true,
      scripts: document.querySelectorAll("script").length,
      strangers: document.querySelectorAll("main img, main script, main iframe, main style, main object").length,
      forms: document.querySelectorAll("form[method=post]").length,
    }));
    if (harm.ran || harm.scripts !== 1 || harm.strangers > 0) report(name, "has what came in with stored bytes:", JSON.stringify(harm));
    if (harm.forms > 0) report(name, "has forms for a user who may only read");
  }
});
