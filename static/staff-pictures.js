// Pictures in the editor of pages: a figure that is kept as it is, and a window to choose or upload one.
import { crel, Node, Plugin } from "django-prose-editor/editor";

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
let windows = 0;

// A label, what it is for, and room for what is wrong with it.
const field = (name, label, input, hint) => {
  input.id = `picture-window-${windows}-${name}`;
  const wrong = crel("p", { className: "errorlist", id: `${input.id}-wrong` });
  const help = crel("p", { className: "help", id: `${input.id}-hint`, textContent: hint });
  input.setAttribute("aria-describedby", `${help.id} ${wrong.id}`);
  const row = crel("div", { className: "picture-field" }, [
    crel("label", { htmlFor: input.id, textContent: label }), help, wrong, crel("div", {}, [input]),
  ]);
  return { row, input, say: (sentence) => { wrong.textContent = sentence; } };
};

// Ask for a picture. Resolves to { id, name, src, thumbnail, alternative_text }, or null if none is wanted.
// `now` is the one that stands there, if any; `files` what was dropped or pasted; `inText` says whether
// an alternative text goes with it.
const choosePicture = ({ chooser, now = null, files = null, inText = true }) =>
  new Promise((resolve) => {
    windows += 1;
    const upload = field("upload", "Upload a picture", crel("input", {
      type: "file", accept: "image/jpeg,image/png,image/webp", "data-picture": "",
    }), "JPEG, PNG or WebP, at most 10 MB.");
    const search = field("search", "Or choose one that is here", crel("input", { type: "search" }),
      "Search by name or by what it shows.");
    const text = field("text", "Alternative text", crel("textarea", { rows: 2, maxLength: 250 }),
      "What the picture shows, in a sentence, for people who cannot see it.");
    const choices = crel("div", { className: "picture-choices", role: "radiogroup", "aria-label": "Pictures that are here" });
    const trouble = crel("p", { className: "errornote", role: "alert", hidden: true });
    const submit = crel("button", { type: "submit", className: "default", textContent: now ? "Change it" : inText ? "Put it in the text" : "Use it" });
    const cancel = crel("button", { type: "button", textContent: "Cancel" });
    const form = crel("form", { noValidate: true }, [
      crel("h2", { textContent: "Picture" }), trouble, upload.row, search.row, choices, text.row,
      crel("div", { className: "picture-buttons" }, [submit, cancel]),
    ]);
    const dialog = crel("dialog", { className: "picture-window", "aria-label": "Picture" }, [form]);
    let chosen = now;
    let typed = false;
    const settle = (picture) => { dialog.remove(); resolve(picture); };
    const fail = (sentence) => { trouble.textContent = sentence; trouble.hidden = !sentence; if (sentence) trouble.scrollIntoView(); };

    const offer = (pictures) => {
      choices.replaceChildren(...pictures.map((picture) => {
        const radio = crel("input", { type: "radio", name: "picture", checked: picture.src === chosen?.src });
        radio.addEventListener("change", () => {
          chosen = picture;
          upload.input.value = "";
          upload.input.dispatchEvent(new Event("change", { bubbles: true }));
          if (!typed) text.input.value = picture.alternative_text;
        });
        return crel("label", { className: "picture-choice", title: picture.alternative_text }, [
          radio, crel("img", { src: picture.thumbnail, alt: "", loading: "lazy" }), crel("span", { textContent: picture.name }),
        ]);
      }));
      if (!pictures.length) choices.append(crel("p", { textContent: search.input.value ? "None is called that, or shows it." : "There is none yet." }));
    };
    const find = async () => {
      const words = search.input.value;
      const answer = await fetch(`${chooser}?q=${encodeURIComponent(words)}`).catch(() => null);
      if (!answer?.ok) return fail("The pictures could not be fetched. Try again, or upload one.");
      const { pictures } = await answer.json();
      if (search.input.value === words && dialog.isConnected) offer(pictures);
    };

    // What the server has to say of the upload; the picture, or null after saying what is wrong.
    const send = async (file) => {
      const body = new FormData();
      body.append("upload", file);
      body.append("alternative_text", text.input.value);
      const answer = await fetch(chooser, { method: "POST", body, headers: { "X-CSRFToken": token() } }).catch(() => null);
      if (answer?.status === 201) return answer.json();
      if (answer?.status === 413) upload.say("This file is too large: at most 10 MB can be taken. Save it smaller.");
      else if (answer?.status === 422) {
        const { errors } = await answer.json();
        upload.say(errors.upload?.join(" ") ?? "");
        text.say(errors.alternative_text?.join(" ") ?? "");
      } else fail("The picture could not be sent. Nothing is lost: try again.");
      return null;
    };

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      [upload, text].forEach(({ say }) => say(""));
      fail("");
      const [file] = upload.input.files;
      const alternative_text = text.input.value.trim();
      if (!file && !chosen) return fail("Upload a picture, or choose one.");
      if (upload.input.validity.customError) return upload.say(upload.input.validationMessage);
      if (!alternative_text && (inText || file)) {
        text.say("Say what the picture shows, for people who cannot see it.");
        return text.input.focus();
      }
      submit.disabled = true;
      const picture = file ? await send(file) : chosen;
      submit.disabled = false;
      if (picture) settle({ ...picture, alternative_text });
    });
    text.input.addEventListener("input", () => { typed = true; });
    search.input.addEventListener("input", find);
    search.input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    upload.input.addEventListener("change", () => {
      if (!upload.input.files.length) return;
      chosen = null;
      choices.querySelectorAll(":checked").forEach((radio) => { radio.checked = false; });
    });
    // What is typed here belongs to no page: autosave and warnings about unsaved changes never hear of it.
    ["input", "change"].forEach((name) => form.addEventListener(name, (event) => {
      if (event.target !== upload.input) event.stopPropagation();
    }));
    cancel.addEventListener("click", () => settle(null));
    dialog.addEventListener("cancel", () => settle(null));
    if (now) text.input.value = now.alternative_text;
    if (!inText) text.row.querySelector(".help").textContent += " Needed for an upload.";
    document.body.append(dialog);
    dialog.showModal();
    if (files) {
      upload.input.files = files;
      upload.input.dispatchEvent(new Event("change", { bubbles: true }));
      text.input.focus();
    }
    find();
  });

const selected = (editor) => editor.state.selection.node?.type.name === "picture" ? editor.state.selection.node : null;

// After the paragraph, list or box in which the cursor stands, so that it has the column's whole width.
const put = (editor, attrs) => {
  const { $from, to } = editor.state.selection;
  const at = $from.depth ? $from.after(1) : to;
  editor.chain().focus().insertContentAt(at, { type: "picture", attrs }).run();
};

const ask = async (editor, chooser, files = null) => {
  const node = files ? null : selected(editor);
  const now = node && { src: node.attrs.src, alternative_text: node.attrs.alt ?? "" };
  const picture = await choosePicture({ chooser, now, files });
  if (!picture) return editor.view.focus();
  const attrs = { src: picture.src, alt: picture.alternative_text };
  if (node) editor.chain().focus().updateAttributes("picture", attrs).run();
  else put(editor, attrs);
};

// Of a figure in the text: its img's attribute.
const attribute = (name) => ({ default: "", parseHTML: (figure) => figure.querySelector("img").getAttribute(name) ?? "" });

export const Picture = Node.create({
  name: "picture",
  group: "block",
  atom: true,
  draggable: true,

  addOptions() {
    return { chooser: null };
  },
  addAttributes() {
    return { src: attribute("src"), alt: attribute("alt") };
  },
  parseHTML() {
    return [{ tag: "figure", getAttrs: (figure) => figure.querySelector("img[src^='/img/']") ? null : false }];
  },
  renderHTML({ HTMLAttributes: { src, alt } }) {
    return ["figure", ["img", { src, alt }]];
  },
  // A file that is dropped on the text, or pasted alone, is one to upload. (Left to itself, the browser
  // would leave the page to show it. Word's pastes bring pictures of their text along: those are not meant.)
  addProseMirrorPlugins() {
    const take = (data) => {
      if (!data?.files.length || data.types.includes("text/html")) return false;
      ask(this.editor, this.options.chooser, data.files);
      return true;
    };
    const props = {
      handleDrop: (_view, event) => take(event.dataTransfer),
      handlePaste: (_view, event) => take(event.clipboardData),
    };
    return [new Plugin({ props })];
  },
  addMenuItems({ buttons, menu }) {
    const { chooser } = this.options;
    menu.defineItem({
      name: "picture",
      groups: "nodes",
      button: buttons.material("image", "Picture"),
      active: (editor) => Boolean(selected(editor)),
      command: (editor) => ask(editor, chooser),
    });
  },
});

// The portrait on a solicitor's page: the list of names becomes a thumbnail and a button.
const enhance = (select) => {
  const thumbnail = crel("img", { className: "portrait-thumbnail", alt: "" });
  const choose = crel("button", { type: "button" });
  const none = crel("button", { type: "button", textContent: "Use the initials" });
  const show = () => {
    const { thumbnail: src } = select.selectedOptions[0]?.dataset ?? {};
    thumbnail.hidden = none.hidden = !src;
    if (src) thumbnail.src = src;
    choose.textContent = src ? "Another portrait…" : "Choose a portrait…";
  };
  const set = (value) => { select.value = value; show(); ["input", "change"].forEach((name) => select.dispatchEvent(new Event(name, { bubbles: true }))); };
  choose.addEventListener("click", async () => {
    const picture = await choosePicture({ chooser: select.dataset.pictures, inText: false });
    if (!picture) return;
    if (![...select.options].some((option) => option.value === String(picture.id))) {
      select.append(crel("option", { value: picture.id, textContent: picture.name, "data-thumbnail": picture.thumbnail }));
    }
    set(picture.id);
  });
  none.addEventListener("click", () => set(""));
  select.hidden = true;
  select.after(crel("div", { className: "portrait-choice" }, [thumbnail, choose, none]));
  show();
};
document.querySelectorAll("select[data-pictures]").forEach(enhance);
