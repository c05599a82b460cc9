/* Filling in a dossier. All of it is extra: the pages work without.

   data-show-if="question" data-show-if-values='["a"]'   on a control: its field is shown only while the question of that
                                                          name in the same form has one of the values
   data-autosave                                          on a form: sent in the background to its own address a while
                                                          after the last key; the answer is JSON, and its `error` says
                                                          why trying again is of no use
   data-save-state                                        in that form: says what happened; its data-failed, data-invalid,
                                                          data-conflict and data-saving hold the words */
"use strict";

(function () {
  const WAIT = 4000;

  /* --- questions that hang on another ------------------------------------------------------- */
  function given(form, name) {
    return new FormData(form).getAll(name).map(String);
  }
  function settle(form) {
    form.querySelectorAll("[data-show-if]").forEach((control) => {
      const field = control.closest(".field");
      if (!field) return;
      const wanted = JSON.parse(control.dataset.showIfValues);
      field.hidden = !given(form, control.dataset.showIf).some((value) => wanted.includes(value));
    });
  }
  document.querySelectorAll("form").forEach((form) => {
    if (!form.querySelector("[data-show-if]")) return;
    settle(form);
    form.addEventListener("change", () => settle(form));
  });

  /* --- saving in the background ------------------------------------------------------------- */
  document.querySelectorAll("form[data-autosave]").forEach((form) => {
    const state = form.querySelector("[data-save-state]");
    let timer = 0;
    let changed = false;
    let leaving = false;
    let saving = null;
    let over = false;

    async function save() {
      if (!changed || leaving || saving || over) return;
      changed = false;
      const body = new FormData(form);
      try {
        saving = fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
        const answer = await saving;
        const data = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
        if (answer.ok && data.seen) {
          form.elements.seen.value = data.seen;
          if (!changed) state.textContent = data.saved;
        } else {
          changed = true;
          over = Boolean(data.error);
          state.textContent = data.error || (data.conflict ? state.dataset.conflict : data.errors ? state.dataset.invalid : state.dataset.failed);
        }
      } catch {
        changed = true;
        state.textContent = state.dataset.failed;
      } finally {
        saving = null;
      }
    }
    form.addEventListener("input", () => {
      changed = true;
      if (over) return;
      clearTimeout(timer);
      timer = setTimeout(save, WAIT);
      state.textContent = state.dataset.unsaved;
    });
    /* A save that is under way would change the token that the form is about to send. */
    form.addEventListener("submit", () => {
      leaving = true;
      clearTimeout(timer);
    });
    form.addEventListener("click", async (event) => {
      const button = event.target.closest("button");
      if (!saving || !button) return;
      event.preventDefault();
      await saving.catch(() => undefined);
      setTimeout(() => form.requestSubmit(button), 0);
    });
    window.addEventListener("pageshow", () => {
      leaving = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (changed && !leaving) event.preventDefault();
    });
  });
})();
