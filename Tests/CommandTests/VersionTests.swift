import Foundation
import Gossamer
import Testing

@Suite struct VersionTests {
    @Test func isOneLine() throws {
        let outcome = try Gossamer.succeed("--version")
        #expect(outcome.text == "gossamer \(gossamerVersion)\n")
        let parts = gossamerVersion.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 3 && parts.allSatisfy { Int($0) != nil })
    }

    @Test func jsonTellsKernelsAndLibraries() throws {
        for arguments in [["--version", "--json"], ["--json", "--version"]] {
            let outcome = try Gossamer.run(arguments, environment: ["GOSSAMER_KERNELS": "baseline"])
            #expect(outcome.status == 0, "\(outcome.error)")
            let report = try outcome.json()
            #expect(report["version"] as? String == gossamerVersion)
            #expect(report["kernels"] as? String == "baseline")
            #expect((report["openblas_core"] as? String)?.isEmpty == false)
            // Those that link are there, and GraphBLAS is where the tests are built.
            for library in ["openblas", "libarchive", "zlib", "graphblas"] {
                let version = try #require(report[library] as? String, "\(library)")
                #expect(version.first?.isNumber == true && version.contains("."), "\(library) \(version)")
            }
        }
    }

    #if canImport(Glibc)
        @Test func startsWithoutGraphBLAS() throws {
            let model = try Gossamer.smallModel()
            let folder = try ScratchFolder()
            let loaded = try ["swift", "graphblas"].map { backend in
                try Gossamer.succeed(
                    "embed", model, eightSubjects, "--out", folder.path("\(backend).npy"), "--backend", backend,
                    environment: ["LD_DEBUG": "files"]
                ).error
            }
            #expect(loaded[0].contains("libopenblas"), "the loader tells what it loads")
            #expect(!loaded[0].contains("libgraphblas"))
            #expect(loaded[1].contains("libgraphblas"))
        }
    #endif
}
