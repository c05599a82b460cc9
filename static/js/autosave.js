/* A section of a draft is saved while somebody types. All of it is extra: the form has its button.

   data-autosave="person.dossier.section"  on the form. It is sent to its own address in the background, a moment after the
                                     last key; the answer is JSON (intake.views.filling). What is not saved yet is kept in
                                     this browser under that name, until the server has said that it is saved
   data-save-state                   in the form: says what is saved and when; its data-… hold the words for all else
   data-question="key"               around the field of a question, with a place for two texts that differ, data-conflict; a
                                     question with rows (dossier.js) counts as one text, its rows
   data-news                         says what others have changed meanwhile
   data-offer                        offers what this browser still keeps from a page that was lost

   Nothing is ever said to be saved that the server has not confirmed. */
"use strict";

(function () {
  const PAUSE = 1200; // milliseconds after the last key
  const LONGEST = 8000; // while somebody types without a pause
  const RETRY = [4, 8, 15, 30, 60]; // seconds
  const TIMEOUT = 30_000;
  const SMALL = 15_000; // characters; browsers take 64 KB
  const KEPT_FOR = 30 * 24 * 3600 * 1000;

  /* As the server writes a time, wherever the browser is. */
  const WHEN = { hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", year: "numeric", timeZone: "Asia/Ho_Chi_Minh" };

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]");
  const news = document.querySelector("[data-news]");
  const page = form.elements["draft.page"];
  const { make } = window.Hoso;
  const PREFIX = "hoso.draft.";
  const place = `${PREFIX}${form.dataset.autosave}.`;

  /* --- the fields ---------------------------------------------------------------------------- */
  const names = new Set(Array.from(form.querySelectorAll("[data-question]"), (box) => box.dataset.question));

  /* A question with rows has a text for each row: what it says, by column. */
  const tables = Object.fromEntries(Array.from(form.querySelectorAll("[data-rows]"), (table) => [table.dataset.rows, table]));
  const rows = (table) => window.Hoso.rows.read(table).map((one) => JSON.stringify(one));
  const row = (text) => (typeof text === "string" ? JSON.parse(text) : text);

  function values() {
    const data = new FormData(form);
    return Object.fromEntries(Array.from(names, (name) => [name, tables[name] ? rows(tables[name]) : data.getAll(name).map(String)]));
  }
  /* As the server compares: line ends and the space around a text say nothing. */
  const plain = (list) => JSON.stringify((list || []).map((text) => text.replace(/\r\n?/g, "\n").normalize("NFC").trim()).filter(Boolean));
  const same = (one, other) => plain(one) === plain(other);

  function controls(name) {
    return Array.from(form.elements).filter((control) => control.name === name);
  }
  let putting = false;
  function put(name, value) {
    const list = [].concat(value).map(String);
    if (tables[name]) window.Hoso.rows.write(tables[name], [].concat(value).map(row));
    for (const control of controls(name)) {
      if (control.type === "radio" || control.type === "checkbox") control.checked = list.includes(control.value);
      else control.value = list[0] ?? "";
    }
    putting = true; // counters, conditions and suggestions follow; to be saved there is nothing
    for (const kind of ["input", "change"]) (tables[name] || controls(name)[0])?.dispatchEvent(new Event(kind, { bubbles: true }));
    putting = false;
  }
  function label(name) {
    const title = form.querySelector(`[data-question="${CSS.escape(name)}"]`)?.querySelector("label, legend");
    return title?.firstChild?.textContent.trim() || name;
  }
  function written(name, list) {
    if (tables[name]) return window.Hoso.rows.words(tables[name], list.map(row));
    const offered = controls(name).filter((control) => ["radio", "checkbox"].includes(control.type));
    const words = list.map((value) => offered.find((control) => control.value === value)?.closest("label")?.textContent.trim() || value);
    return words.join("; ");
  }
  function seen() {
    return Object.fromEntries(form.elements.seen.value.split(" ").filter(Boolean).map((part) => part.split(".")));
  }
  function setSeen(tokens) {
    form.elements.seen.value = Object.entries({ ...seen(), ...tokens }).map((pair) => pair.join(".")).join(" ");
  }

  /* What the server holds, as this page knows it. */
  const held = values();
  form.querySelectorAll("[data-question]").forEach((box) => {
    /* A page that came back with an error or two texts shows what is not saved. */
    if (box.querySelector("[data-conflict] *, .error")) held[box.dataset.question] = undefined;
  });
  const unsaved = (now = values()) => Object.keys(now).filter((name) => held[name] === undefined || !same(now[name], held[name]));

  /* --- what this browser keeps --------------------------------------------------------------- */
  function store() {
    const now = values();
    const keys = unsaved(now);
    const name = place + page.value;
    try {
      if (!keys.length) {
        localStorage.removeItem(name);
        return true;
      }
      const tokens = seen();
      const pick = (from) => Object.fromEntries(keys.map((key) => [key, from[key]]));
      localStorage.setItem(name, JSON.stringify({ at: Date.now(), page: page.value, values: pick(now), seen: pick(tokens) }));
      return true;
    } catch {
      return false; // no storage, or no room in it
    }
  }
  function kept() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
        const entry = JSON.parse(localStorage.getItem(name));
        if (!(Date.now() - entry.at < KEPT_FOR)) localStorage.removeItem(name);
        else if (name.startsWith(place)) found.push({ ...entry, name });
      }
    } catch {
      /* What somebody else wrote there is not ours to read. */
    }
    return found.sort((one, other) => other.at - one.at);
  }

  const offer = document.querySelector("[data-offer]");
  function offerBack() {
    const now = values();
    for (const entry of kept().filter((each) => each.name !== place + page.value)) {
      const keys = Object.keys(entry.values).filter((key) => names.has(key) && !same(entry.values[key], now[key]));
      if (keys.length) return show(entry, keys);
      localStorage.removeItem(entry.name); // all of it stands in the fields
    }
    offer.hidden = true;
  }
  function show(entry, keys) {
    const lines = keys.flatMap((key) => [make("dt", { textContent: label(key) }), make("dd", { className: "prewrap", textContent: written(key, entry.values[key]) || "–" })]);
    offer.querySelector("[data-offer-texts]").replaceChildren(...lines);
    offer.querySelector("[data-offer-at]").textContent = new Date(entry.at).toLocaleString(document.documentElement.lang, WHEN);
    offer.querySelector("[data-offer-take]").onclick = () => take(entry, keys);
    offer.querySelector("[data-offer-drop]").onclick = () => {
      localStorage.removeItem(entry.name);
      offerBack();
    };
    offer.hidden = false;
  }
  /* As if the lost page were here again: what it had seen goes with it, so what others wrote since is not overwritten. */
  function take(entry, keys) {
    localStorage.removeItem(place + page.value);
    page.value = entry.page;
    for (const key of keys) {
      setSeen({ [key]: entry.seen[key] || "0" });
      put(key, entry.values[key]);
    }
    typed();
    offerBack();
    (tables[keys[0]] || controls(keys[0])[0])?.focus();
    later(0);
  }

  /* --- saving -------------------------------------------------------------------------------- */
  let timer = 0;
  let since = 0; // when the first letter was typed that has not been sent
  let fails = 0;
  let saving = null;
  let leaving = false;
  let over = false;

  function say(text, keeps) {
    const words = keeps ? `${text} ${state.dataset.kept}` : text;
    if (state.textContent !== words) state.textContent = words;
  }
  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }
  function typed() {
    if (putting) return;
    const keeps = store();
    if (over) return;
    since ||= Date.now();
    if (!fails) {
      say(state.dataset.unsaved);
      later(Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
    } else if (!keeps) say(state.dataset.unsaved);
  }

  /* Resolves to whether everything is saved. */
  function save() {
    saving ||= send().finally(() => {
      saving = null;
      if (since && !fails && !over) later(PAUSE);
    });
    return saving;
  }
  async function send() {
    clearTimeout(timer);
    if (over || leaving) return false;
    if (!since && !unsaved().length) return true;
    const sent = values();
    const body = new FormData(form);
    since = 0;
    say(state.dataset.saving);
    let answer, data;
    try {
      answer = await post(body);
      if (answer.status === 403 && (await renew(body))) answer = await post(body);
      data = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : null;
    } catch {
      return failed(state.dataset.offline);
    }
    if (data?.error) {
      over = true;
      say(data.error, store());
      return false;
    }
    if (!data?.seen) return failed(answer.type === "opaqueredirect" || answer.status === 403 ? state.dataset.signedout : state.dataset.failed);
    fails = 0;
    took(data, sent);
    return !data.unsaved.length;
  }
  /* A redirection leads to the page for signing in. */
  function post(body) {
    const length = Array.from(body.values(), (value) => value.length).reduce((sum, one) => sum + one, 0);
    /* A page that is being closed may still send a little. */
    const keepalive = document.visibilityState === "hidden" && length < SMALL;
    return fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual", keepalive, signal: AbortSignal.timeout(TIMEOUT) });
  }
  /* Somebody who has signed in again needs the new session's token. */
  async function renew(body) {
    const answer = await fetch(form.action, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT) });
    if (!answer.ok) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-autosave] [name=csrfmiddlewaretoken]");
    if (!fresh) return false;
    form.elements.csrfmiddlewaretoken.value = fresh.value;
    body.set("csrfmiddlewaretoken", fresh.value);
    return true;
  }
  function failed(words) {
    since ||= Date.now();
    say(words, store());
    later(1000 * RETRY[Math.min(fails, RETRY.length - 1)]);
    fails += 1;
    return false;
  }
  function took(data, sent) {
    const now = values();
    for (const [name, token] of Object.entries(data.seen)) {
      if (name in data.values) {
        /* Typed on meanwhile: then it is for the next save to find two texts. */
        if (!same(now[name], sent[name])) continue;
        put(name, data.values[name]);
        held[name] = values()[name];
      } else {
        held[name] = sent[name];
      }
      setSeen({ [name]: token });
    }
    form.querySelectorAll("[data-conflict]").forEach((box) => {
      const html = data.conflicts[box.parentElement.dataset.question] || "";
      if (box.dataset.shown !== html) box.innerHTML = html;
      box.dataset.shown = html;
    });
    if (data.news) {
      news.querySelector("p").textContent = data.news;
      news.hidden = false;
    }
    store();
    say(since ? state.dataset.unsaved : data.saved);
  }

  form.addEventListener("input", typed);
  /* A list or a box that is chosen is worth saving at once. */
  form.addEventListener("change", (event) => {
    if (!putting && event.target.matches("select, [type=radio], [type=checkbox]")) later(0);
  });
  /* Saved in the background first: then nothing is lost if the page that follows does not come. */
  form.addEventListener("submit", async (event) => {
    if (leaving || over || !(saving || since || unsaved().length)) return;
    const button = event.submitter;
    event.preventDefault();
    await saving;
    if (since || unsaved().length) await save();
    if (fails) return;
    leaving = true;
    form.requestSubmit(button || undefined);
  });
  window.addEventListener("online", () => {
    if (fails) later(0);
  });
  document.addEventListener("visibilitychange", () => {
    if (since) later(0);
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && !over && (since || saving || unsaved().length)) event.preventDefault();
  });
  if (unsaved().length) store();
  offerBack();
})();
