// What staff pages do better with.

// "/" leads to the search in the head of the page, but types a stroke where somebody is typing.
const TYPING = "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable=true]";

document.addEventListener("keydown", (event) => {
  const find = document.getElementById("find");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !find) return;
  if (event.target.closest(TYPING)) return;
  event.preventDefault();
  find.select();
});
