/// The page's style sheet. Inks are variables, so that text and charts follow light, dark and print.
enum PageStyle {
  static let text = """
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --ink: #1f2328; --soft: #57606a; --faint: #8b949e; --line: #d8dee4;
      --grid: #e8ebee; --panel: #f6f8fa; --warn: #9a3412; --warn-paper: #fff4ec;
      --good: #1a7f4b; --accent: #2a7fc4;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --paper: #14171c; --ink: #e6e8eb; --soft: #a4acb6; --faint: #767f8a; --line: #333a43;
        --grid: #262c34; --panel: #1b2027; --warn: #f5a26b; --warn-paper: #2a1e17;
        --good: #57c28b; --accent: #5fa8e0;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
      -webkit-font-smoothing: antialiased;
    }
    main { max-width: 1180px; margin: 0 auto; padding: 48px 28px 72px; }
    .kicker { margin: 0 0 6px; color: var(--soft); font-size: 14px; letter-spacing: .02em; }
    h1 { margin: 0 0 14px; font-size: clamp(26px, 4vw, 38px); line-height: 1.18;
      letter-spacing: -.018em; font-weight: 680; text-wrap: balance; }
    h2 { margin: 52px 0 14px; font-size: 20px; letter-spacing: -.01em; font-weight: 640; }
    p { max-width: 74ch; margin: 0 0 12px; }
    .summary { font-size: 17.5px; color: var(--ink); max-width: 72ch; }
    .note { color: var(--soft); font-size: 14.5px; }
    a { color: var(--accent); }
    code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
    pre { margin: 0 0 10px; padding: 12px 14px; background: var(--panel); border-radius: 8px;
      overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }

    .callout { margin: 26px 0 0; padding: 14px 18px; border-radius: 10px;
      background: var(--warn-paper); border: 1px solid color-mix(in srgb, var(--warn) 28%, transparent); }
    .callout h2 { margin: 0 0 6px; font-size: 15px; color: var(--warn); }
    .callout ul, .findings { margin: 0; padding: 0; list-style: none; }
    .callout li { font-size: 14.5px; }
    .findings li { display: grid; grid-template-columns: 172px 1fr; gap: 4px 18px; padding: 11px 0;
      border-top: 1px solid var(--line); }
    .findings li:last-child { border-bottom: 1px solid var(--line); }
    .verdict { font-weight: 600; font-size: 14.5px; }
    .verdict.against { color: var(--warn); }
    .verdict.expected { color: var(--good); }
    .verdict.open { color: var(--soft); }

    .scroll { overflow-x: auto; margin: 0 -4px; padding: 0 4px; }
    table { border-collapse: collapse; width: 100%; font-size: 14.5px;
      font-variant-numeric: tabular-nums; }
    th { font-weight: 500; color: var(--soft); font-size: 13px; text-align: right;
      vertical-align: bottom; padding: 0 0 7px 18px; border-bottom: 1.5px solid var(--ink);
      line-height: 1.3; }
    td { text-align: right; padding: 8px 0 8px 18px; border-bottom: 1px solid var(--line);
      white-space: nowrap; }
    th.left, td.left { text-align: left; }
    th:first-child, td:first-child { padding-left: 0; }
    td:first-child { font-weight: 600; }
    td small { display: block; font-weight: 400; color: var(--soft); white-space: normal; }
    .swatch { display: inline-block; width: 22px; height: 0; margin-right: 9px;
      vertical-align: middle; border-top: 3px solid; }
    .swatch.dashed { border-top-style: dashed; }

    .legend { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 4px 6px;
      padding: 10px 0; margin: 0 0 8px; background: var(--paper);
      border-bottom: 1px solid var(--line); }
    .legend button { font: inherit; font-size: 14px; color: var(--ink); background: none; border: 0;
      padding: 3px 9px 3px 5px; border-radius: 6px; cursor: pointer; }
    .legend button:hover { background: var(--panel); }
    .legend button:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
    .legend button[aria-pressed="false"] { opacity: .38; text-decoration: line-through; }
    .figures { display: grid; gap: 34px 40px;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
    figure { margin: 0; min-width: 0; break-inside: avoid; }
    figcaption h3 { margin: 0; font-size: 15.5px; font-weight: 640; }
    figcaption p { margin: 1px 0 8px; font-size: 13px; line-height: 1.4; color: var(--soft); }
    figure .remark { margin: 2px 0 0; font-size: 12.5px; line-height: 1.4; color: var(--soft); }
    .chart { width: 100%; min-height: 150px; position: relative; }
    .chart.vega-embed.has-actions { padding-right: 0; display: block; }
    .chart.vega-embed summary { opacity: 0; top: -34px; right: 0; }
    figure:hover .chart.vega-embed summary, .chart.vega-embed summary:focus { opacity: .55; }
    .chart svg { max-width: 100%; }

    .chart .role-axis-grid line { stroke: var(--grid); }
    .chart .role-axis-domain line { stroke: var(--faint); }
    .chart .role-axis-label text, .chart .role-axis-title text { fill: var(--soft); }
    #vg-tooltip-element { font: 13px/1.45 system-ui, sans-serif; border-radius: 8px;
      background: var(--paper); color: var(--ink); border: 1px solid var(--line);
      box-shadow: 0 4px 18px rgb(0 0 0 / .16); }
    #vg-tooltip-element table tr td { border: 0; padding: 1px 4px; color: var(--ink);
      font-size: 13px; text-align: left; }
    #vg-tooltip-element table tr td.key { color: var(--soft); max-width: 200px; }

    .fold { border-top: 1px solid var(--line); padding: 10px 0; }
    .fold:last-of-type { border-bottom: 1px solid var(--line); }
    .fold summary { cursor: pointer; font-weight: 560; }
    .fold > :not(summary) { margin-top: 12px; }
    dl { display: grid; grid-template-columns: minmax(150px, max-content) 1fr; gap: 5px 22px;
      margin: 0; font-size: 14px; }
    dt { color: var(--soft); } dd { margin: 0; }
    footer { margin-top: 44px; font-size: 13px; color: var(--faint); }

    @media (max-width: 640px) {
      main { padding: 30px 18px 48px; }
      .findings li { grid-template-columns: 1fr; }
      dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
    }
    @media print {
      body { font-size: 10.5pt; }
      main { max-width: none; padding: 0; }
      .legend { position: static; }
      .figures { grid-template-columns: 1fr 1fr; gap: 18px 26px; }
      .callout { break-inside: avoid; }
      h2 { break-after: avoid; margin-top: 26px; }
      .chart.vega-embed summary { display: none; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
