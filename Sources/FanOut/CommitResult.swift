/// What became of one commit. An error never means "not committed": the broker may have taken it.
package enum CommitResult: Equatable, Sendable {
  case committed
  /// Not known; the newest watermark is committed again.
  case unknown(String)
  /// The broker refused the metadata for its size; the offset is committed again without it.
  case metadataRefused
  /// The group gave the partition to somebody else: nothing of this assignment may be committed any more.
  case assignmentGone
  /// Not allowed to commit: nothing will help but a change of rights; tried again slowly.
  case forbidden(String)
}
