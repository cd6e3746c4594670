import Foundation
import Testing

/// Every command of the built program, with sizes that take no time.
@Suite(.serialized) struct BenchCommandTests {
    private let quick = ["--runs", "2", "--threads", "1", "2", "--limit-megabytes", "8"]

    @Test func kernelsComesWithLimitsAndShares() throws {
        let report = try Bench.json(
            MeasuredReport.self,
            ["kernels", "--rows", "300", "--columns", "500", "--entries", "20", "--widths", "16", "72"] + quick)
        report.expectSense()
        for threads in [1, 2] {
            #expect(report["limit: multiply-add threads=\(threads)"]?.unit == "GFLOP/s")
            #expect(report["limit: memory read threads=\(threads)"]?.unit == "GB/s")
            for width in [16, 72] {
                let ending = "H=\(width) threads=\(threads)"
                #expect(report["limit: gather rows of W \(ending)"]?.unit == "GB/s")
                #expect(report["limit: gather rows of Y \(ending)"]?.unit == "GB/s")
                for product in [
                    "spmm swift", "spmm graphblas", "spmm transposed swift",
                    "spmm transposed swift, with the transpose", "spmm transposed graphblas",
                ] {
                    let line = try #require(report["\(product) \(ending)"])
                    #expect(line.unit == "GFLOP/s")
                    // Each multiplication and addition comes with four bytes of a gathered row.
                    #expect(abs((line.figure("GB/s") ?? 0) - 2 * line.rate.median) < 1e-6 * line.rate.median)
                    #expect(line.figure("of multiply-add") != nil && line.figure("of gather") != nil)
                }
                for rows in ["top-\(width / 8) of each row", "softmax of each row", "row-sparse Adam"] {
                    let line = try #require(report["\(rows) \(ending)"])
                    #expect(line.unit == "GB/s" && line.figure("of memory read") != nil)
                }
            }
        }
    }

    /// What no processor of the last decade falls short of, nor any of the next exceeds.
    @Test func limitsArePlausible() throws {
        let report = try Bench.json(MeasuredReport.self, ["ingest", "--documents", "20"] + quick)
        for threads in [1, 2] {
            let multiplyAdd = try #require(report["limit: multiply-add threads=\(threads)"]).rate.median
            let memoryRead = try #require(report["limit: memory read threads=\(threads)"]).rate.median
            #expect(multiplyAdd > 1 && multiplyAdd < 2_000, "\(multiplyAdd) GFLOP/s")
            #expect(memoryRead > 0.3 && memoryRead < 5_000, "\(memoryRead) GB/s")
        }
    }

    @Test func ingestReadsFilesAndSyntheticDocuments() throws {
        let made = try Bench.json(MeasuredReport.self, ["ingest", "--documents", "50"] + quick)
        made.expectSense()
        let svm = try Bench.json(MeasuredReport.self, ["ingest", eightSubjects] + quick)
        svm.expectSense()
        let text = try Bench.json(MeasuredReport.self, ["ingest", eightSubjectsText] + quick)
        text.expectSense()
        for (report, formats) in [(made, ["libsvm", "text"]), (svm, ["libsvm"]), (text, ["text"])] {
            let names = report.lines.map(\.name).filter { $0.hasPrefix("read") }
            #expect(names == formats.flatMap { ["read \($0) threads=1", "read \($0) threads=2"] })
            #expect(report["read"]?.unit == "MB/s" && report["read"]?.figure("of memory read") != nil)
        }
    }

    @Test func trainTellsGrowth() throws {
        let report = try Bench.json(
            MeasuredReport.self,
            [
                "train", "--documents", "60", "120", "--words", "10", "20", "--features", "300", "--latent", "8", "16",
                "--threads", "2", "1", "--epochs", "2",
            ])
        report.expectSense()
        #expect(
            report.lines.map(\.name) == [
                "epoch rows=60 entries=600 H=8 threads=2", "epoch rows=60 entries=600 H=16 threads=2",
                "epoch rows=60 entries=600 H=8 threads=1", "epoch rows=120 entries=1200 H=8 threads=2",
                "epoch rows=60 entries=1200 H=8 threads=2",
            ])
        #expect(report.lines.map { $0.figure("times the first's entries·units") } == [nil, 2, 1, 2, 2])
        #expect(report.lines.dropFirst().allSatisfy { $0.figure("times its seconds") != nil })
        #expect(report.lines.allSatisfy { $0.figure("rows/s") != nil && $0.figure("Mentries/s") != nil })
        #if os(Linux)
            #expect(report.lines.allSatisfy { $0.figure("MB") != nil })
        #endif
    }

    @Test func embedTellsRows() throws {
        let report = try Bench.json(MeasuredReport.self, ["embed", eightSubjects, "--latent", "8"] + quick)
        report.expectSense()
        let line = try #require(report["embed rows=400 H=8 threads=2"])
        #expect(line.unit == "rows/s" && line.figure("GFLOP/s") != nil && line.figure("of multiply-add") != nil)
    }

    @Test func scaleTellsStages() throws {
        let report = try Bench.json(
            MeasuredReport.self,
            ["scale", "--documents", "40", "--features", "200", "--words", "5", "--latent", "4", "--threads", "2"])
        report.expectSense()
        #expect(report["write libsvm"] != nil && report["import libsvm"] != nil && report["train SAE-4"] != nil)
    }

    @Test func textIsForPeople() throws {
        let outcome = try Bench.run(["ingest", eightSubjects] + quick)
        #expect(outcome.status == 0 && outcome.error.isEmpty)
        #expect(outcome.text.split(separator: "\n").count == 6)
        #expect(outcome.text.contains("MB/s") && outcome.text.contains("% of memory read"))
    }

    @Test(arguments: [
        ["no-such-command"], ["kernels", "--runs", "0"], ["kernels", "--threads", "0"], ["kernels", "--widths", "4"],
        ["kernels", "--rows", "0"], ["kernels", "--entries", "20000"], ["kernels", "--limit-megabytes", "0"],
        ["ingest", "--documents", "0"], ["ingest", "--runs", "many"], ["train", "--latent", "0"],
        ["train", "--words", "90000"], ["embed", "--latent", "0"], ["compare"], ["compare", "f.svm", "--latent", "0"],
        ["compare", "f.svm", "--threads", "0"], ["compare", "f.svm", "--no-such-option"], ["scale", "--documents", "0"],
    ])
    func wrongUsageIs64(_ arguments: [String]) throws {
        let outcome = try Bench.run(arguments)
        #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.error.hasPrefix("Error:"), "\(outcome)")
    }

    @Test(arguments: ["ingest", "train", "embed", "compare"])
    func missingFilesAre66(_ command: String) throws {
        let outcome = try Bench.run([command, "/no/such/file.svm"])
        #expect(outcome.status == 66 && outcome.output.isEmpty && outcome.error.contains("/no/such/file.svm"))
    }

    @Test func badDataIs65() throws {
        let outcome = try Bench.run(["embed", packageRoot.appending(path: "LICENSE").path])
        #expect(outcome.status == 65 && outcome.output.isEmpty, "\(outcome)")
    }
}
