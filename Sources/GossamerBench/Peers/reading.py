"""Reading a libsvm file by scikit-learn and XGBoost: reading.py FILE.svm RUNS"""
import warnings

import measuring


def scikit_learn(path, runs):
    from sklearn.datasets import load_svmlight_file

    measuring.measure("scikit-learn", lambda: load_svmlight_file(path, zero_based=False), runs)


def xgboost(path, runs):
    import xgboost

    xgboost.set_config(verbosity=0)
    measuring.measure(
        "XGBoost", lambda: xgboost.DMatrix(path + "?format=libsvm", nthread=measuring.THREADS), runs)


def main(path, runs):
    warnings.filterwarnings("ignore")
    for read in (scikit_learn, xgboost):
        try:
            read(path, int(runs))
        except ImportError as error:
            measuring.missing(error)


measuring.run(main, __doc__, [2])
