/// Where the demo shows itself: a picture that is redrawn in its place, or a line a second.
struct DemoScreen {
  private let style: TextStyle?
  private var drawnLines = 0
  private var size = (columns: 0, rows: 0)
  private var nextLine = Duration.zero

  init(_ style: TextStyle?) { self.style = style }

  var interval: Duration { style == nil ? .seconds(1) : .milliseconds(200) }

  /// False: nobody reads any more.
  mutating func show(_ facts: DemoFacts) -> Bool {
    guard let style else {
      // Whatever woke the demo in between, one line a second.
      guard facts.elapsed >= nextLine || facts.stage == .done else { return true }
      nextLine = facts.elapsed + .seconds(1)
      return Terminal.print(DemoPicture.plainLine(facts))
    }
    let now = Terminal.size
    let lines = DemoPicture(style: style, columns: now.columns - 1, rows: now.rows - 1).lines(facts)
    var text = ""
    if drawnLines > 0 {
      // After a change of size the terminal has wrapped what stood there: begin with an empty screen.
      text = now == size ? "\u{1b}[\(drawnLines)A" : "\u{1b}[2J\u{1b}[H"
    }
    for line in lines { text += line + "\u{1b}[K\n" }
    text += "\u{1b}[J"
    (drawnLines, size) = (lines.count, now)
    return Terminal.draw(text)
  }
}
