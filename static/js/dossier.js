/* Filling in a dossier. All of it is extra: the pages work without.

   data-show-if="question" data-show-if-values='["a"]'   on a control: its field is shown only while the question of that
                                                          name in the same form has one of the values
   data-rows="question" data-most="20"   on a question with rows, with a <template> for a new one; inside data-rows-list,
                                         data-row, data-row-number, data-row-add, data-row-remove. The fields are named
                                         question.row.column; Hoso.rows reads and writes them */
"use strict";

(function () {
  /* --- questions with rows ------------------------------------------------------------------ */
  const rowsOf = (table) => Array.from(table.querySelectorAll("[data-rows-list] > [data-row]"));
  const cellsOf = (row) => Array.from(row.querySelectorAll("input, select"));
  const column = (cell) => cell.name.split(".")[2];

  function addRow(table) {
    const taken = rowsOf(table).map((row) => Number(cellsOf(row)[0].name.split(".")[1]));
    const html = table.querySelector("template").innerHTML.replaceAll("__n__", String(Math.max(-1, ...taken) + 1));
    table.querySelector("[data-rows-list]").insertAdjacentHTML("beforeend", html);
    number(table);
    return rowsOf(table).at(-1);
  }
  function number(table) {
    rowsOf(table).forEach((row, n) => row.querySelectorAll("[data-row-number]").forEach((place) => (place.textContent = n + 1)));
    table.querySelector("[data-row-add]").hidden = rowsOf(table).length >= Number(table.dataset.most);
  }
  function fill(row, values) {
    for (const cell of cellsOf(row)) cell.value = values[column(cell)] ?? "";
  }
  /* What is typed in each row, by column; like the server it leaves out what is empty. */
  function read(table) {
    const rows = rowsOf(table).map((row) => cellsOf(row).map((cell) => [column(cell), cell.value.normalize("NFC").trim()]));
    return rows.map((cells) => Object.fromEntries(cells.filter(([, text]) => text))).filter((row) => Object.keys(row).length);
  }
  function write(table, values) {
    while (rowsOf(table).length < Math.max(1, values.length)) addRow(table);
    rowsOf(table).forEach((row, n) => (n && n >= values.length ? row.remove() : fill(row, values[n] || {})));
    number(table);
  }
  function words(table, values) {
    const template = table.querySelector("template").content;
    const word = ([name, text]) => template.querySelector(`[name$=".${name}"] option[value="${CSS.escape(text)}"]`)?.textContent || text;
    return values.map((row) => Object.entries(row).map(word).join(" · ")).join("\n");
  }
  window.Hoso.rows = { read, write, words };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-row-add], [data-row-remove]");
    const table = button?.closest("[data-rows]");
    if (!table) return;
    event.preventDefault();
    if ("rowAdd" in button.dataset) {
      cellsOf(addRow(table))[0].focus();
      return;
    }
    const row = button.closest("[data-row]");
    const next = row.nextElementSibling || row.previousElementSibling;
    if (next) row.remove();
    else fill(row, {});
    number(table);
    cellsOf(next || row)[0].focus();
    table.dispatchEvent(new Event("input", { bubbles: true }));
  });

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
