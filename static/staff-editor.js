// The editor's field has no name of its own: give it the one that its label shows.
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  editor.view.dom.setAttribute("aria-label", label.textContent.replace(":", "").trim());
});

// What is pasted comes without its styles, which our policy would refuse. Word writes a list as paragraphs, each
// with its mark in front: it becomes a list again. All else is left out by the editor and, once more, on the way
// into the database.
const STYLE = /\sstyle=("[^"]*"|'[^']*')/gi;

function whatWordMeant(_, style) {
  if (/mso-list:\s*Ignore/i.test(style)) return ' data-word="mark"';
  return /mso-list:/i.test(style) ? ' data-word="item"' : "";
}

function withoutStyles(html) {
  const plain = html.replace(/<[^>]+>/g, (tag) => tag.replace(STYLE, whatWordMeant));
  if (!plain.includes("data-word")) return plain;
  const pasted = new DOMParser().parseFromString(plain, "text/html");
  for (const item of pasted.querySelectorAll("[data-word=item]")) {
    const mark = item.querySelector("[data-word=mark]");
    if (!mark) continue;
    const kind = /^\s*\w+[.)]/.test(mark.textContent) ? "ol" : "ul";
    mark.remove();
    let list = item.previousElementSibling;
    if (!list?.matches(`${kind}[data-word]`)) {
      list = pasted.createElement(kind);
      list.dataset.word = "list";
      item.before(list);
    }
    const entry = pasted.createElement("li");
    entry.append(...item.childNodes);
    list.append(entry);
    item.remove();
  }
  return pasted.body.innerHTML;
}

document.addEventListener("prose-editor:ready", ({ detail: { editor } }) => {
  editor.setOptions({ editorProps: { ...editor.options.editorProps, transformPastedHTML: withoutStyles } });
});
