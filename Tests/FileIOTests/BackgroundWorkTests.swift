import Foundation
import Testing

@testable import FileIO

@Suite struct BackgroundWorkTests {
    @Test(arguments: [false, true]) func workIsDoneBesideOtherWork(isUrgent: Bool) {
        let mayEnd = DispatchSemaphore(value: 0)
        let work = BackgroundWork(isUrgent: isUrgent) {
            mayEnd.wait()
            return (0..<1000).reduce(0, +)
        }
        #expect(!work.isDone)
        mayEnd.signal()
        let (sum, time) = work.wait()
        #expect(sum == 499_500 && time >= .zero && work.isDone)
        #expect(work.wait().value == sum)
    }
}
