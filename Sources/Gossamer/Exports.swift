// Models take corpora and return matrices, so importing this module imports those modules as well.
@_exported import Autoencoders
@_exported import Corpora
@_exported import FileIO
@_exported import SparseMatrices
