"use strict";
// Pages that are seen renew themselves. A hidden page asks nothing, and one in which somebody works stays as it is.
(() => {
  const pause = 5000;
  const renew = async () => {
    const main = document.querySelector("main[data-live]");
    if (!main || document.hidden || main.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("main[data-live]");
    if (answer.ok && next && !main.contains(document.activeElement)) main.replaceWith(next);
  };
  const again = () => setTimeout(() => renew().catch(() => {}).finally(again), pause);
  again();
})();
