/* Small conveniences for every page. All of it is extra: each page works without it.

   Everything hangs on attributes, so a template only says what it wants:

   data-menu             on <details>: closes on Escape and on a click elsewhere
   data-messages         on the list of messages: each gets a button that removes it
   data-focus            takes the focus when the page opens (error summary)
   data-confirm="Text"   on a form or on its submit button: asks before sending. data-confirm-label="Xóa" names the
                         button that goes on; data-confirm-title="…" the heading
   data-count            on <textarea> or <input>: counts characters. With maxlength, what is left; with minlength (or
                         data-min), what is still missing
   data-unsaved          on <form>: the browser asks before leaving while something typed is not saved
   data-autosubmit       on <select>, checkbox or radio: sends its form when it changes (filters)
   data-check-all="name" on a checkbox: ticks every checkbox of that name in the same form
   data-toggle="#id"     on a button: shows or hides the element; aria-expanded follows
   data-dialog="#id"     on a button: opens that <dialog>; a button with data-close inside closes it
   data-print            on a button: prints the page
   data-copy="text"      on a button: copies the text and says so

   Forms that POST are sent once: a second click while the first is on its way does nothing. data-many on the form
   turns that off. After a part of the page is replaced, `hoso:swap` fires on it; `Hoso.start(root)` readies it. */
"use strict";

(function () {
  const words = {
    vi: { close: "Đóng", cancel: "Quay lại", go: "Tiếp tục", sure: "Bạn chắc chắn chứ?", left: "Còn %n ký tự", over: "Thừa %n ký tự", need: "Cần thêm ít nhất %n ký tự", typed: "%n ký tự", copied: "Đã sao chép" },
    en: { close: "Close", cancel: "Go back", go: "Continue", sure: "Are you sure?", left: "%n characters left", over: "%n characters too many", need: "At least %n more characters", typed: "%n characters", copied: "Copied" },
  };
  const say = words[document.documentElement.lang] || words.vi;
  const number = (n) => n.toLocaleString(document.documentElement.lang);

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  /* --- menus, dialogs, toggles ------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(target)) menu.open = false;
    });
    const button = target.closest("[data-dialog],[data-close],[data-toggle],[data-print],[data-copy],[data-dismiss]");
    if (!button) return;
    if (button.dataset.dialog) {
      event.preventDefault();
      document.querySelector(button.dataset.dialog).showModal();
    } else if ("close" in button.dataset) {
      button.closest("dialog").close();
    } else if (button.dataset.toggle) {
      const part = document.querySelector(button.dataset.toggle);
      part.hidden = !part.hidden;
      button.setAttribute("aria-expanded", String(!part.hidden));
    } else if ("print" in button.dataset) {
      window.print();
    } else if (button.dataset.copy) {
      navigator.clipboard.writeText(button.dataset.copy).then(() => {
        button.textContent = say.copied;
      });
    } else if ("dismiss" in button.dataset) {
      const list = button.closest("[data-messages]");
      button.closest("li").remove();
      if (!list.children.length) list.remove();
      document.getElementById("content").focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  /* --- counters ---------------------------------------------------------------------------- */
  function count(field) {
    const line = document.getElementById(field.id + "_count");
    if (!line) return;
    const length = Array.from(field.value).length;
    const max = Number(field.getAttribute("maxlength") || field.dataset.max || 0);
    const min = Number(field.getAttribute("minlength") || field.dataset.min || 0);
    let text = say.typed;
    let n = length;
    if (length < min) [text, n] = [say.need, min - length];
    else if (max && length > max) [text, n] = [say.over, length - max];
    else if (max) [text, n] = [say.left, max - length];
    line.textContent = text.replace("%n", number(n));
    line.classList.toggle("over", Boolean(max) && length > max);
  }
  function addCounter(field) {
    if (document.getElementById(field.id + "_count")) return;
    const line = make("p", { className: "count", id: field.id + "_count" });
    field.after(line);
    /* maxlength cuts pasted text off in silence; counting past it and saying so loses nothing. */
    if (field.hasAttribute("maxlength")) {
      field.dataset.max = field.getAttribute("maxlength");
      field.removeAttribute("maxlength");
    }
    field.setAttribute("aria-describedby", ((field.getAttribute("aria-describedby") || "") + " " + line.id).trim());
    count(field);
  }

  /* --- unsaved changes --------------------------------------------------------------------- */
  const dirty = new Set();
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches?.("[data-count]")) count(field);
    const form = field.form;
    if (form && "unsaved" in form.dataset) dirty.add(form);
  });
  window.addEventListener("beforeunload", (event) => {
    for (const form of dirty) if (form.isConnected) return event.preventDefault();
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches?.("[data-autosubmit]")) field.form.requestSubmit();
    const name = field.dataset?.checkAll;
    if (name) field.form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`).forEach((box) => (box.checked = field.checked));
  });

  /* --- sending a form: ask, then once ------------------------------------------------------- */
  const agreed = new WeakSet();
  function ask(form, button, asked) {
    const dialog = make("dialog", {});
    const title = make("h2", { id: "ask-title", textContent: asked.dataset.confirmTitle || say.sure });
    const go = make("button", { type: "button", className: "btn primary", textContent: asked.dataset.confirmLabel || button?.textContent.trim() || say.go });
    const back = make("button", { type: "button", className: "btn", textContent: say.cancel });
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.append(title, make("p", { textContent: asked.dataset.confirm }), make("div", { className: "actions" }, go, back));
    back.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => {
      agreed.add(form);
      dialog.close();
      form.requestSubmit(button || undefined);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      button?.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    back.focus();
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const asked = [button, form].find((element) => element?.dataset?.confirm);
    if (asked && !agreed.has(form)) {
      event.preventDefault();
      ask(form, button, asked);
      return;
    }
    agreed.delete(form);
    if (event.defaultPrevented) return;
    dirty.delete(form);
    if (form.method !== "post" || "many" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    /* Not `disabled`: that would drop the button's own name and value from what is sent. */
    button?.setAttribute("aria-disabled", "true");
    button?.classList.add("busy");
  });
  /* Coming back with the browser's button shows the page as it was left: make it sendable again. */
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll(".btn.busy").forEach((button) => {
      button.classList.remove("busy");
      button.removeAttribute("aria-disabled");
    });
  });

  /* --- readying a page or a part of it ------------------------------------------------------ */
  function start(root) {
    root.querySelectorAll("[data-count]").forEach(addCounter);
    root.querySelectorAll("[data-messages] > li").forEach((item) => {
      if (item.querySelector("[data-dismiss]")) return;
      const button = make("button", { type: "button", className: "dismiss", textContent: "×" });
      button.dataset.dismiss = "";
      button.setAttribute("aria-label", say.close);
      item.append(button);
    });
    /* On a narrow screen the tab of this page may stand outside its strip. */
    root.querySelectorAll(".tabs").forEach((tabs) => {
      const here = tabs.querySelector("[aria-current]");
      if (here && tabs.scrollWidth > tabs.clientWidth) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft;
    });
    root.querySelector("[data-focus]")?.focus();
    root.dispatchEvent(new CustomEvent("hoso:swap", { bubbles: true }));
  }
  window.Hoso = { start, make, say, lang: document.documentElement.lang };
  start(document.body);
})();
