"use strict";
// Visible pages renew themselves. A hidden page asks nothing, one with the focus in its content stays as it is, and parts that
// are scrolled stay scrolled.
(() => {
  const pause = 5000;
  const renew = async () => {
    const main = document.querySelector("main[data-live]");
    if (!main || document.hidden || main.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("main[data-live]");
    if (!answer.ok || !next || main.contains(document.activeElement)) return;
    const scrolled = Array.from(main.querySelectorAll(".wide"), part => part.scrollLeft);
    main.replaceWith(next);
    next.querySelectorAll(".wide").forEach((part, i) => { part.scrollLeft = scrolled[i] ?? 0; });
  };
  const again = () => setTimeout(() => renew().catch(() => {}).finally(again), pause);
  again();
})();
