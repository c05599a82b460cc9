/* Keys for those who work through a list all day.

   data-keys                 on <table class="list">: j and k move through its rows, Enter opens the row's first link
   data-key="t"              on a button or link: that key presses it. Inside a row it means the row that is marked;
                             elsewhere it works on the whole page. "/" on a search field puts the cursor there
   data-key-label="…"        what the list of keys (press ?) says about it; its text otherwise

   Keys do nothing while someone types, and can be switched off in the list of keys (WCAG 2.1.4); the choice is kept. */
"use strict";

(function () {
  const OFF = "hoso-keys-off";
  const words = {
    vi: { title: "Phím tắt", down: "Xuống dòng dưới", up: "Lên dòng trên", open: "Mở hồ sơ đang chọn", help: "Mọi phím tắt", off: "Tắt phím tắt", on: "Bật phím tắt", close: "Đóng" },
    en: { title: "Keyboard shortcuts", down: "Next row", up: "Previous row", open: "Open the marked dossier", help: "All shortcuts", off: "Switch shortcuts off", on: "Switch shortcuts on", close: "Close" },
  };
  const say = words[document.documentElement.lang] || words.vi;
  const { make } = window.Hoso;
  const table = () => document.querySelector("table[data-keys]");
  const rows = () => Array.from(table()?.tBodies[0]?.rows || []);
  const marked = () => rows().find((row) => row.classList.contains("sel"));

  function off() {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch {
      return false;
    }
  }
  function mark(step) {
    const all = rows();
    if (!all.length) return;
    const now = all.indexOf(marked());
    const next = all[Math.min(all.length - 1, Math.max(0, now < 0 ? 0 : now + step))];
    all.forEach((row) => row.classList.toggle("sel", row === next));
    next.querySelector("a")?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  function find(key) {
    const fits = Array.from(document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`));
    const row = marked();
    return fits.find((element) => row?.contains(element)) || fits.find((element) => !element.closest("table[data-keys]"));
  }
  function help() {
    const dialog = make("dialog", {});
    const title = make("h2", { id: "keys-title", textContent: say.title });
    const lines = table() ? [["j", say.down], ["k", say.up], ["Enter", say.open]] : [];
    const seen = new Set();
    document.querySelectorAll("[data-key]").forEach((element) => {
      if (seen.has(element.dataset.key)) return;
      seen.add(element.dataset.key);
      lines.push([element.dataset.key, element.dataset.keyLabel || element.textContent.trim() || element.getAttribute("aria-label")]);
    });
    lines.push(["?", say.help]);
    const all = make("dl", { className: "kv" });
    lines.forEach(([key, text]) => all.append(make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: text })));
    const toggle = make("button", { type: "button", className: "btn", textContent: off() ? say.on : say.off });
    const close = make("button", { type: "button", className: "btn primary", textContent: say.close });
    toggle.addEventListener("click", () => {
      try {
        localStorage.setItem(OFF, off() ? "0" : "1");
      } catch {
        /* Without storage the choice lasts as long as the page. */
      }
      toggle.textContent = off() ? say.on : say.off;
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(title, all, make("div", { className: "actions" }, close, toggle));
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (!table() && !document.querySelector("[data-key]")) return;
    if (event.key === "?") {
      event.preventDefault();
      help();
    } else if (off()) {
      return;
    } else if (table() && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      mark(event.key === "j" ? 1 : -1);
    } else if (event.key === "Enter" && marked() && !event.target.closest("a, button, summary")) {
      event.preventDefault();
      marked().querySelector("a")?.click();
    } else {
      const element = event.key.length === 1 ? find(event.key) : null;
      if (!element) return;
      event.preventDefault();
      if (element.matches("input")) element.focus();
      else element.click();
    }
  });
  /* A row that takes the focus by Tab is the marked one. */
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("table[data-keys] tbody tr");
    if (row) rows().forEach((each) => each.classList.toggle("sel", each === row));
  });
})();
