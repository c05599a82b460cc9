/* The suggestions of the catalogue, kept up while a product is being described.

   data-suggest="URL"        on the panel: it is filled with the fragment that the address answers
   data-suggest-from="#form" the form whose fields are read (default: the form around the panel, or the page's first
                             form that POSTs inside <main>)
   data-suggest-fields="a b" names of the fields that matter; a change in one of them asks again. They are sent by GET
                             under their own names, or by POST (with the form's CSRF token) with data-suggest-method="post"
   data-suggest-min="12"     how many characters must be there before the first question (default 12)

   It asks 600 ms after the last key, drops answers that come late, and says "Đang đối chiếu…" to nobody: the panel has
   aria-live="polite" and only changes when the answer differs. Without JavaScript the page shows them after saving. */
"use strict";

(function () {
  const WAIT = 600;
  const LONGEST_QUERY = 3000;

  function ready(panel) {
    const form = panel.dataset.suggestFrom ? document.querySelector(panel.dataset.suggestFrom) : panel.closest("form") || document.querySelector("main form[method=post]");
    const names = (panel.dataset.suggestFields || "").split(/\s+/).filter(Boolean);
    if (!form || !names.length || panel.dataset.suggestReady) return;
    panel.dataset.suggestReady = "1";
    panel.setAttribute("aria-live", "polite");
    let timer = 0;
    let asking = null;
    let last = "";

    function values() {
      return names.map((name) => [name, String(new FormData(form).get(name) || "").trim()]);
    }
    async function ask() {
      const data = values();
      const key = JSON.stringify(data);
      const length = data.reduce((sum, [, value]) => sum + value.length, 0);
      if (key === last || length < Number(panel.dataset.suggestMin || 12)) return;
      last = key;
      asking?.abort();
      asking = new AbortController();
      panel.classList.add("loading");
      try {
        const [url, options] = request(data);
        /* A session that has ended leads to the page for signing in, which is no suggestion. */
        const answer = await fetch(url, { ...options, redirect: "manual", signal: asking.signal });
        if (!answer.ok) throw new Error(String(answer.status));
        const html = await answer.text();
        if (panel.innerHTML !== html) {
          panel.innerHTML = html;
          window.Hoso.start(panel);
        }
        panel.classList.remove("loading");
      } catch (error) {
        /* An aborted question has a successor; a failed one leaves what was shown, and the next change asks again. */
        if (error.name !== "AbortError") {
          last = "";
          panel.classList.remove("loading");
        }
      }
    }
    function request(data) {
      const headers = { "X-Requested-With": "XMLHttpRequest" };
      if (panel.dataset.suggestMethod === "post") {
        const body = new FormData();
        data.forEach(([name, value]) => body.append(name, value));
        body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
        return [panel.dataset.suggest, { method: "POST", body, headers }];
      }
      const query = new URLSearchParams(data.map(([name, value]) => [name, value.slice(0, LONGEST_QUERY)]));
      return [panel.dataset.suggest + (panel.dataset.suggest.includes("?") ? "&" : "?") + query, { headers }];
    }
    form.addEventListener("input", (event) => {
      if (!names.includes(event.target.name)) return;
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    last = panel.textContent.trim() ? JSON.stringify(values()) : "";
    ask();
  }

  function start(root) {
    root.querySelectorAll("[data-suggest]").forEach(ready);
  }
  document.addEventListener("hoso:swap", (event) => start(event.target));
  start(document);
})();
