import FileIO
import SparseMatrices

@testable import Corpora

/// Readings of one format, from memory or by path, without recognition.
enum MatrixMarketReader {
    static func read(
        bytes: UnsafeRawBufferPointer, name: String, parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        var source = try TripletSource<MatrixMarket>(LineInput(bytes: bytes, name: name))
        return try source.all(parallelism: parallelism)
    }

    static func read(path: String) throws -> Corpus {
        try CorpusReader.read(path, options: CorpusReadingOptions(format: .matrixMarket))
    }
}

enum DocwordReader {
    static func read(bytes: UnsafeRawBufferPointer, name: String) throws(FileError) -> Corpus {
        var source = try TripletSource<Docword>(LineInput(bytes: bytes, name: name))
        return try source.all(parallelism: .allCores)
    }
}

enum LDACReader {
    static func read(bytes: UnsafeRawBufferPointer, name: String) throws(FileError) -> Corpus {
        var source = LibSVMSource(LineInput(bytes: bytes, name: name), isLDAC: true, options: LibSVMOptions())
        return try source.all(parallelism: .allCores)
    }
}

enum SciPyReader {
    static func read(path: String) throws(FileError) -> Corpus {
        var source = try SciPy.source(
            Input(path: path), options: CorpusReadingOptions(), handing: .whole, parallelism: .allCores)
        return try source.all(parallelism: .allCores)
    }
}
