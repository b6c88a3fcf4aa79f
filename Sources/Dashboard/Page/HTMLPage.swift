import Foundation
import RunStore
import Texts

/// A report as one page that opens offline: style, script and data are inside it.
struct HTMLPage {
  let input: ReportInput
  /// Vega, Vega-Lite and Vega-Embed as one script.
  let bundle: String

  var text: String {
    let figure = input.figure
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="nap">
      \(element("title", input.title))
      <style>
      \(String(decoding: PackageResources.page_css, as: UTF8.self))
      </style>
      </head>
      <body>
      <main>
      \(header)
      \(unfinished)
      \(figures(figure))
      \(findings)
      \(table(figure.palette))
      \(remarks)
      \(listings)
      \(again)
      \(details)
      <footer>Made by nap\(date).</footer>
      </main>
      <script type="application/json" id="charts">\(charts(figure))</script>
      <script>
      \(HTMLPage.harmless(bundle))
      </script>
      <script type="module">
      \(String(decoding: PackageResources.page_js, as: UTF8.self))
      </script>
      </body>
      </html>

      """
  }

  private var header: String {
    let kicker = input.kicker.isEmpty ? "" : element("p", input.kicker, class: "kicker") + "\n"
    return """
      <header>
      \(kicker)\(element("h1", input.title))
      \(element("p", input.summary, class: "summary"))
      </header>
      """
  }

  private var remarks: String {
    let notes = (input.disagreements + input.notes).map { element("p", $0, class: "note") }
    return notes.isEmpty
      ? "" : "<section>\n<h2>Remarks</h2>\n\(notes.joined(separator: "\n"))\n</section>"
  }

  /// What did not finish stands before every result.
  private var unfinished: String {
    let lines = input.unfinishedLines
    guard !lines.isEmpty else { return "" }
    return """
      <section class="callout">
      <h2>\(input.unfinishedTitle)</h2>
      <ul>
      \(lines.map { element("li", $0) }.joined(separator: "\n"))
      </ul>
      </section>
      """
  }

  private var findings: String {
    let findings = input.findings
    guard !findings.isEmpty else { return "" }
    let items = findings.map { finding -> String in
      let look =
        switch finding.verdict {
        case .against: "against"
        case .asExpected: "expected"
        case .undecided, .tooFewSeeds: "open"
        }
      return "<li>" + element("span", finding.verdict.words, class: "verdict \(look)")
        + element("span", finding.statement) + "</li>"
    }
    return """
      <section>
      <h2>\(escaped(input.findingsTitle))</h2>
      <ul class="findings">
      \(items.joined(separator: "\n"))
      </ul>
      </section>
      """
  }

  private func table(_ palette: Palette) -> String {
    guard !input.arms.isEmpty else { return "" }
    let table = ArmTable(input)
    let side = table.columns.map { $0.alignment == .left ? "left" : "right" }
    let head = zip(table.columns, side).map { element("th", $0.title, class: $1) }.joined()
    let rows = zip(input.arms, table.rows).map { arm, cells -> String in
      let note = arm.note.isEmpty ? "" : element("small", arm.note)
      let first =
        "<td class=\"left\">\(swatch(palette.style(of: arm.arm)))\(escaped(arm.arm))\(note)</td>"
      let others = zip(cells, side).dropFirst().map { element("td", $0, class: $1) }
      return "<tr>" + first + others.joined() + "</tr>"
    }
    return """
      <section>
      <h2>Arms</h2>
      <div class="scroll"><table>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table></div>
      <p class="note" style="margin-top:10px">\(escaped(tableExplanation))</p>
      </section>
      """
  }

  private func figures(_ figure: Figure) -> String {
    guard !input.panels.isEmpty else { return "" }
    let buttons = figure.legendArms.map { arm in
      "<button type=\"button\" aria-pressed=\"true\" data-arm=\"\(escaped(arm))\">"
        + swatch(figure.palette.style(of: arm)) + escaped(arm) + "</button>"
    }
    let figures = figure.panels.enumerated().map { index, drawn -> String in
      let subtitle = drawn.subtitle.joined(separator: "; ")
      let remarks = drawn.remarks.map { element("p", $0, class: "remark") }.joined()
      return """
        <figure>
        <figcaption>\(element("h3", drawn.panel.title))\(element("p", subtitle))</figcaption>
        <div class="chart" id="chart-\(index)"></div>
        \(remarks)
        </figure>
        """
    }
    return """
      <section>
      <h2>Figures</h2>
      <div class="legend" role="group" aria-label="Arms; press to hide or show">\(buttons.joined())</div>
      <div class="figures">
      \(figures.joined(separator: "\n"))
      </div>
      <noscript><p>The figures need JavaScript; the program also writes them as PNG, SVG and PDF.</p></noscript>
      </section>
      """
  }

  private func charts(_ figure: Figure) -> String {
    var charts: [String: JSON] = [:]
    for (index, drawn) in figure.panels.enumerated() {
      charts["chart-\(index)"] = figure.pageChart(drawn)
    }
    return JSON.object(charts).text
  }

  private func swatch(_ style: Palette.Style) -> String {
    let dash = style.dash.map { "\($0)" }.joined(separator: " ")
    return
      "<svg class=\"swatch\" width=\"28\" height=\"8\" aria-hidden=\"true\"><line x1=\"0\" y1=\"4\" x2=\"28\" y2=\"4\" "
      + "stroke=\"\(escaped(style.colour))\" stroke-width=\"3\" stroke-dasharray=\"\(dash)\"/></svg>"
  }

  private var date: String {
    guard let last = input.runs.compactMap({ $0.ended }).max() else { return "" }
    return " from runs that ended by " + last.formatted(.iso8601.year().month().day())
  }

  /// The bundle with nothing in it that would end its element.
  private static func harmless(_ script: String) -> String {
    script.replacingOccurrences(of: "</script", with: "<\\/script")
      .replacingOccurrences(of: "<!--", with: "<\\!--")
  }
}
