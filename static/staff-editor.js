// The editor's field has no name of its own: give it the one that its label shows.
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  editor.view.dom.setAttribute("aria-label", label.textContent.replace(":", "").trim());
});

// Word writes a list as paragraphs, each with its mark in front: make it a list again. All else that it brings
// is left out by the editor and, once more, on the way into the database.
const WORD_ITEM = "p[style*='mso-list'], p[class*='MsoListParagraph']";

function fromWord(html) {
  if (!html.includes("mso-list")) return html;
  const pasted = new DOMParser().parseFromString(html, "text/html");
  for (const item of pasted.querySelectorAll(WORD_ITEM)) {
    const mark = item.querySelector("[style*='mso-list:Ignore'], [style*='mso-list: Ignore']");
    if (!mark) continue;
    const kind = /^\s*\w+[.)]/.test(mark.textContent) ? "ol" : "ul";
    mark.remove();
    let list = item.previousElementSibling;
    if (!list?.matches(`${kind}.from-word`)) {
      list = pasted.createElement(kind);
      list.className = "from-word";
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
  editor.setOptions({ editorProps: { ...editor.options.editorProps, transformPastedHTML: fromWord } });
});
