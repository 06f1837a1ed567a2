// The editor's field has no name of its own: give it the one that its label shows.
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  editor.view.dom.setAttribute("aria-label", label.textContent.replace(":", "").trim());
});
