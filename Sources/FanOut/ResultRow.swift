/// What the results topic is told about one record, when the last required destination is done with it.
package struct ResultRow: Equatable, Sendable {
  package enum Ending: Equatable, Sendable {
    case delivered
    case deadLettered(DeadLetterReason)
    /// The record is not for it.
    case skipped
    /// Done before a crash or a rebalance: delivered, or dead-lettered. How is not known any more.
    case restored
    /// Optional, and not done yet: it may still be done, or be dropped.
    case pending
  }

  /// What became of the record at one destination.
  package struct Column: Equatable, Sendable {
    package var ending: Ending
    /// Of the last response; 0 where there was none.
    package var status: UInt16 = 0
    /// Requests made.
    package var attempts = 0
    /// From the first request to the last answer; nil where no request was made.
    package var duration: Nanoseconds?
    /// What is kept of the response's body; empty for nothing.
    package var body: [UInt8] = []

    package init(_ ending: Ending) { self.ending = ending }
  }

  /// By destination.
  package var columns: [Column]
}

/// A row in the making, and on its way to the topic.
struct RowDraft: Sendable {
  var row: ResultRow
  /// Of the bodies that it holds.
  var bytes = 0
  /// Complete: what comes later is not told any more.
  var isClosed = false
  var isOnItsWay = false
  /// Writes that failed.
  var failures = 0
  var lastError = ""
  var nextTryAt: Instant?
}
