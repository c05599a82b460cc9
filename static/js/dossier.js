/* Filling in a dossier. All of it is extra: the pages work without.

   data-show-if="question" data-show-if-values='["a"]'   on a control: its field is shown only while the question of that
                                                          name in the same form has one of the values */
"use strict";

(function () {
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
})();
