// Looks a form over when typing pauses, and numbers the lines of the text. Without this script the
// same check is made when the form is saved.
(() => {
  "use strict";
  const form = document.querySelector("form[data-check]");
  const found = document.querySelector("[data-found]");
  if (!form || !found) return;
  const PAUSE = 900;
  let timer = 0;
  let asking = null;

  const say = (text) => {
    const line = document.createElement("p");
    line.textContent = text;
    found.replaceChildren(line);
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        cache: "no-store",
        redirect: "error",
        signal: asking.signal,
      });
      if (answer.status === 401 || answer.status === 403) {
        say("Phiên làm việc đã hết. Anh/chị chép phần vừa gõ ra, đăng nhập lại rồi dán vào.");
      } else if (answer.ok) {
        const fresh = document.createElement("template");
        fresh.innerHTML = await answer.text();
        found.replaceChildren(fresh.content);
      }
    } catch (error) {
      if (error.name !== "AbortError") say("Mạng yếu nên chưa kiểm tra được. Vẫn lưu được bình thường.");
    }
  };

  let dirty = false;
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  form.addEventListener("submit", () => {
    dirty = false;
  });
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });

  const area = form.querySelector("textarea[data-lines]");
  if (!area) return;
  const numbers = document.createElement("pre");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  const box = document.createElement("div");
  box.className = "numbered";
  area.before(box);
  box.append(numbers, area);
  area.wrap = "off";
  const count = () => {
    const lines = area.value.split("\n").length;
    numbers.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
  };
  area.addEventListener("input", count);
  area.addEventListener("scroll", () => {
    numbers.scrollTop = area.scrollTop;
  });
  count();
})();
