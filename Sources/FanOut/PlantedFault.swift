/// Faults that the simulation must catch, one at a time. They exist in test builds only: without `PLANTED_FAULTS` every
/// question for one is a constant, and the compiler removes it.
package enum PlantedFault: String, CaseIterable, Sendable {
  case commitsOneTooFar
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
