"use strict";

/* Registering an applicant: shows only what the chosen kind fills in, and none of it before a kind is chosen. Without
   this script all is shown, each with a word on who fills it in. A hidden field is disabled, so that it is not sent. */
(() => {
  const form = document.querySelector("form[data-applicant]");
  if (!form) return;
  const only = (kinds, names) => ({ kinds, names });
  const INDIVIDUAL = ["individual"];
  const OTHERS = ["enterprise", "organisation", "agency"];
  const rules = [
    only(OTHERS, ["tax_code", "representative_name", "representative_position"]),
    only(INDIVIDUAL, ["personal_id"]),
  ];
  const update = () => {
    const chosen = form.querySelector('input[name="kind"]:checked');
    for (const rule of rules) {
      const shown = Boolean(chosen) && rule.kinds.includes(chosen.value);
      for (const name of rule.names) {
        const input = form.elements[name];
        if (!input) continue;
        input.disabled = !shown;
        input.closest(".field").hidden = !shown;
      }
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "kind") update();
  });
  update();
})();
