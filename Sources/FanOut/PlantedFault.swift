/// Faults that the simulation must catch, one at a time. They exist in test builds only: without `PLANTED_FAULTS` every
/// question for one is a constant, and the compiler removes it.
package enum PlantedFault: String, CaseIterable, Sendable {
  // Commits.
  case commitsOneTooFar, commitsBackwards, twoCommitsInFlight, unknownIsDurable, forgetsFailedCommits
  case ignoresUncommittedMax, dropsParked
  // Progress.
  case saysNoProgress, ignoresProgress, readsProgressOneTooFar, keepsForeignProgress, settlesWhenSent, settlesForAll
  // Assignments.
  case ignoresEpoch, reusesDeliveryIDs, keepsLostPartitions, releasesAtOnce, releasesUncommitted, startsWhileRevoked
  // Drains.
  case startsWhileDraining, losesRetriesInDrain, drainsUncommitted
  // Outcomes.
  case countsOutages, countsWhileOpen, staleIsAccepted, backsOffRefusals, ignoresRetryAfter, ignoresKeyOrder, ignoresAge
  // Breakers and gates.
  case neverOpens, sharesBreaker, neverProbes, forgetsBackoffs, openBreakerDelaysAll, forgetsInFlight, ignoresRate
  // Dead letters.
  case letterSettlesWhenSent, letterSettlesWhenFailed, dropsFailedLetters
  // Skips.
  case ignoresSkips, skipsOvertake, skipsBlock
  // Batches.
  case ignoresBatchRecords, ignoresBatchBytes, waitsForFullBatches, buriesWholeBatch, losesSecondHalf, countsCompany
  case startsBehindFailed, forgetsBatchOfLost, settlesWholeBatch, keepsBatchSize
  // Optional destinations.
  case optionalHoldsCommit, optionalHoldsDrain, keepsTooMuch, dropsRequired, dropsInFlight, dropsNewest, dropsUncounted
  case startsTooMuch
  // Results.
  case rowComesEarly, rowCountsWhenSent, rowCountsWhenFailed, dropsFailedRows, rowSaysDelivered, leaksBodies
  case takesRowsForThere, forgetsRows
  // Credit.
  case leaksCredit, givesTooMuchCredit

  /// Whether this build can have any.
  package static var isPossible: Bool {
    #if PLANTED_FAULTS
      true
    #else
      false
    #endif
  }
}

extension FanOutEngine {
  #if PLANTED_FAULTS
    func planted(_ fault: PlantedFault) -> Bool { plantedFault == fault }
  #else
    @inline(__always) func planted(_ fault: PlantedFault) -> Bool { false }
  #endif

  /// Before the first event.
  package mutating func plant(_ fault: PlantedFault?) {
    #if PLANTED_FAULTS
      plantedFault = fault
    #endif
  }
}
