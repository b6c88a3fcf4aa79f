// The page's own script: draws each chart into its place, and lets the legend switch arms.
const charts = JSON.parse(document.getElementById("charts").textContent);
const views = [];
const hidden = new Set();
const options = {
  renderer: "svg", tooltip: { theme: "custom" },
  actions: { export: true, source: false, compiled: false, editor: false },
};
const show = (view) => {
  try { view.signal("hidden", [...hidden]).runAsync(); } catch (error) { /* has no arms */ }
};
for (const [place, chart] of Object.entries(charts)) {
  const element = document.getElementById(place);
  vegaEmbed(element, chart, options)
    .then((result) => { views.push(result.view); show(result.view); })
    .catch((error) => { element.textContent = "This chart cannot be drawn: " + error.message; });
}
for (const button of document.querySelectorAll(".legend button")) {
  button.addEventListener("click", () => {
    const arm = button.dataset.arm;
    const on = hidden.delete(arm);
    if (!on) hidden.add(arm);
    button.setAttribute("aria-pressed", String(on));
    views.forEach(show);
  });
}
addEventListener("beforeprint", () => {
  document.querySelectorAll(".fold").forEach((fold) => { fold.open = true; });
});
