// An incident of examples/service from start to end, by what an operator does in the console. Input: console and shop, which are the
// addresses of the service's parts, and folders for pictures, if any: of all pages, and of docs.
import { report, run, Session } from "./browser.mjs";

const organ = "shop.Payments";
const of = (page, words = {}) => `${page}?${new URLSearchParams({ organ, ...words })}`;

await run(async (browser, { console: base, shop, pictures, docs }) => {
  const ada = await Session.open(browser, base, { username: "ada", password: "lovelace" });
  const tell = async path => {
    const answer = await fetch(shop + path, { method: "POST" });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  };
  const press = async name => {
    await ada.page.getByRole("button", { name }).first().click();
    const notice = await ada.page.getByRole("status").innerText();
    return Number(notice.match(/^\d+/)[0]);
  };
  const picture = async (name, width, height) => {
    if (!docs) return;
    await ada.page.setViewportSize({ width, height });
    await ada.page.screenshot({ path: `${docs}/${name}.png` });
    await ada.page.setViewportSize({ width: 1280, height: 800 });
  };
  const follow = name => ada.page.getByRole("link", { name }).first().click();
  // each answers a question about each cause of an event. The last attempt of a letter may have met a bank that was up again, and busy.
  const each = async (event, question, look) => {
    for (; ; look = undefined) {
      await ada.visit(of("dead"));
      if (!(await ada.text()).includes(event)) return;
      await follow(event);
      await follow(question);
      if (look) await ada.look(look, pictures);
      const many = Number((await ada.text()).match(/Dead letters\s+(\d+)/)[1]);
      const done = await press("Yes, do it");
      if (done !== many) report(question, "of", many, event, "was done for", done);
    }
  };
  const dead = async () => Number((await ada.until("overview", /dead letter/)).match(/(\d+)\s+dead letters?/)[1]);

  // A good day.
  await ada.until("overview", text => text.includes("shop.Desk") && !/^0\s*organs/.test(text));
  await ada.look("overview-well", pictures);
  if (await dead() !== 0) report("a good day has dead letters");

  // The bank is down: the breaker opens, and dead letters grow.
  await tell("/bank/down");
  await ada.until("overview", /shop\.Payments\s+breaking/);
  await ada.until(of("dead"), text => /REFUND_CARD/.test(text) && /CHARGE_CARD/.test(text));
  const before = await dead();
  await ada.until("overview", text => Number(text.match(/(\d+)\s+dead letters?/)[1]) > before);
  await ada.look("overview-bank-down", pictures);
  await picture("overview", 1280, 1040);
  await ada.until("doctor", /shop\.Payments/);
  await ada.look("doctor-bank-down", pictures);
  for (const address of ["events", "scheduled", "schedules", "states?organ=shop.Desk"]) {
    await ada.visit(address);
    await ada.look(address.replace(/\W+/g, "-"), pictures);
  }

  await follow(/^order-/);
  await ada.look("state", pictures);

  // The cause is found, and no more attempts are spent.
  await ada.visit("overview");
  await ada.page.getByRole("row", { name: organ }).getByRole("link").nth(1).click(); // how many are dead
  await ada.look("dead-causes", pictures);
  await picture("causes", 960, 440);
  await follow("REFUND_CARD");
  await ada.look("dead-one-cause", pictures);
  const causes = await ada.text();
  if (!/bank: refund order-#: # Service Unavailable, request #/.test(causes)) report("the cause does not tell the error:", causes);
  await follow(/ ago/);
  const letter = await ada.text();
  for (const part of ["503 Service Unavailable", "exhausted", "order_id"]) {
    if (!letter.includes(part)) report("the letter does not have", part, letter);
  }
  await ada.look("letter", pictures);
  await ada.page.locator("dt:text-is('Chain') + dd a").click();
  await ada.look("chain", pictures);
  await ada.visit(of("organ"));
  await ada.page.getByLabel(/Reason/).fill("INC-7: the bank answers 503");
  await press("Pause in all processes");
  await ada.until(of("organ"), /INC-7: the bank answers 503 \(by ada/);
  await ada.look("organ-paused", pictures);

  // Somebody mends the bank: the backlog drains.
  await tell("/bank/up");
  await ada.visit(of("organ"));
  await press("Resume");
  await ada.until("overview", /shop\.Payments\s+running/);
  await ada.until(of("organ"), /Ready\s+\d\b/);

  // The refunds are tried again, one and then the others; the charges are not, because their orders were turned back.
  await ada.visit(of("dead", { event: "REFUND_CARD" }));
  await follow(/ ago/);
  if (await press("Redrive") !== 1) report("one letter is not one");
  await each("REFUND_CARD", "Redrive these", "confirm-redrive");
  await ada.visit(of("dead"));
  await follow(/ ago/);
  await follow("Discard");
  await ada.look("confirm-discard", pictures);
  if (await press("Yes, do it") !== 1) report("one letter is not one");
  await each("CHARGE_CARD", "Discard these");
  if (await dead() !== 0) report("dead letters are left");

  // Of two orders for later, one is run at once, and one is cancelled.
  const later = () => ada.page.getByRole("row", { name: /ORDER_PLACED/ }).first();
  await ada.visit("scheduled");
  await later().getByRole("button", { name: "Run now" }).click();
  await ada.visit("scheduled");
  await later().getByRole("link", { name: "Cancel" }).click();
  await press("Yes, do it");
  if (/ORDER_PLACED/.test(await ada.text())) report("an order for later is left");

  // All adds up.
  for (const end = Date.now() + 60_000; ; await ada.page.waitForTimeout(250)) {
    const text = await (await fetch(shop + "/count")).text();
    if (/\n1?\d under way, 0 things do not add up/.test(text)) break; // customers go on
    if (Date.now() > end) throw new Error(text);
  }
  await ada.until("doctor", /Nothing is wrong/);

  // Who may only read sees all of it, and can change nothing.
  const viewer = await Session.open(browser, base, { username: "viewer", password: "lovelace" });
  for (const address of ["overview", of("organ"), of("dead"), "scheduled", of("confirm", { verb: "discard-all" })]) {
    await viewer.visit(address);
    if (await viewer.page.locator("form[method=post]").count() > 0) report(address, "has a form for a user who may only read");
  }
  viewer.refusals = true;
  const status = await viewer.page.evaluate(async body => (await fetch("act", { method: "POST", body: new URLSearchParams(body) })).status,
    { verb: "pause", organ, reason: "because I can", token: "A".repeat(26) });
  if (status !== 403) report("a user who may only read pauses an organ: the answer is", status);
  await ada.until(of("organ"), /running/);

  // Without a user nothing is shown.
  if ((await fetch(base + "overview")).status !== 401) report("the overview is shown to nobody");
});
