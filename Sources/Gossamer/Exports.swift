// A model takes corpora and gives matrices, so whoever imports this module has those as well.
@_exported import Autoencoders
@_exported import Corpora
@_exported import FileIO
@_exported import SparseMatrices
