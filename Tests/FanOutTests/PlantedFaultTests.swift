import FanOut
import FanOutSimulation
import Testing

/// The simulation is worth what it catches: each fault that is planted in the engine must be caught.
@Suite struct PlantedFaultTests {
  @Test(.enabled(if: PlantedFault.isPossible), arguments: PlantedFault.allCases) func everyPlantedFaultIsCaught(
    _ fault: PlantedFault
  ) {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(10)
    var seeds: UInt64 = 0
    while clock.now < end {
      if let violation = Simulation.run(seed: seeds, fault: fault).violation {
        #expect(Simulation.run(seed: seeds).violation == nil, "it fails without the fault too")
        print("planted: \(fault.rawValue) is caught after \(seeds + 1) seeds: \(violation)")
        return
      }
      seeds += 1
    }
    Issue.record("\(fault.rawValue) is not caught by \(seeds) seeds in 10 s")
  }
}
