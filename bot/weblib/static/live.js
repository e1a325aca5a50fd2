// Keeps one region of the page fresh: what the server shows there, and nothing else. Forms people
// type in are outside of it. Without this script the page works and is reloaded by hand.
(() => {
  "use strict";
  const region = document.querySelector("[data-live]");
  if (!region) return;
  const news = document.querySelector("[data-news]");
  const every = Number(region.dataset.every) * 1000;
  let failed = 0;

  const count = () => Number(region.querySelector("[data-count]")?.dataset.count ?? 0);

  const say = (text) => {
    if (news && news.textContent !== text) news.textContent = text;
  };

  const put = (html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (fresh.innerHTML === region.innerHTML) return;
    const before = count();
    // A key user stays where they were.
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    region.replaceChildren(fresh.content);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    if (count() > before) say("Có tin mới.");
  };

  const ask = async () => {
    const answer = await fetch(region.dataset.live, { cache: "no-store", redirect: "error" });
    if (answer.ok) {
      put(await answer.text());
      if (failed) say("");
      failed = 0;
      return true;
    }
    if (answer.status >= 500) throw new Error("server");
    say("Trang này đã cũ. Anh/chị tải lại trang.");
    return false;
  };

  const tick = async () => {
    let more = true;
    if (!document.hidden) {
      try {
        more = await ask();
      } catch {
        failed += 1;
        if (failed > 1) say("Mạng đang yếu, tin mới có thể đến chậm.");
      }
    }
    // A weak network is asked less often, at most every minute.
    if (more) setTimeout(tick, Math.min(every * 2 ** Math.min(failed, 4), 60000));
  };

  setTimeout(tick, every);
})();
