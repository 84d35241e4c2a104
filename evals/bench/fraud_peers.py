"""Simple peers of the fraud scorer, fitted to the same rows and features. N rows, F features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tools.fraud.blend import sigmoid
from tools.fraud.scorer import Trained
from tools.fraud.table import Floats
from tools.fraud.trees import PATIENCE, ROUNDS, Rows, threads

Fitted = Callable[[Floats], Floats]  # x (N, F) → (N,) probabilities
BENT = 6.0  # spreads: what lies beyond counts no more
XGBOOST: dict[str, Any] = {
    "objective": "binary:logistic", "eval_metric": "aucpr", "tree_method": "hist", "eta": 0.05, "max_depth": 6,
    "min_child_weight": 5, "subsample": 0.8, "colsample_bytree": 0.7, "lambda": 2.0,
}  # fmt: skip


def xgboost(trained: Trained, seed: int) -> Fitted:
    """Rounds by early stopping on the checked rows, then fitted to all."""
    import xgboost as library

    def matrix(rows: Rows) -> Any:
        return library.DMatrix(rows.x, rows.y, weight=rows.weight)

    whole, (learn, check) = trained.learned.learn, trained.parts()
    params = {**XGBOOST, "nthread": threads(), "seed": seed}
    told = library.train(
        params,
        matrix(learn),
        ROUNDS,
        evals=[(matrix(check), "check")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    booster = library.train(params, matrix(whole), told.best_iteration + 1)
    return lambda x: np.asarray(booster.predict(library.DMatrix(x)), np.float64)


def logistic(trained: Trained, seed: int) -> Fitted:
    """Logistic regression on standardised features, each with its gaps at the mean and a column that tells of them."""
    from sklearn.linear_model import LogisticRegression

    rows = trained.learned.learn
    mean, spread = np.nanmean(rows.x, 0), np.nanstd(rows.x, 0) + 1e-6
    gaps = np.isnan(rows.x).any(0)

    def shaped(x: Floats) -> Floats:
        z = np.clip(np.nan_to_num((x - mean) / spread), -BENT, BENT)
        return np.concatenate([z, np.isnan(x[:, gaps])], 1)

    model = LogisticRegression(C=0.1, max_iter=300, tol=1e-3, random_state=seed)
    model.fit(shaped(rows.x), rows.y, sample_weight=rows.weight)
    return lambda x: sigmoid(model.decision_function(shaped(x)))


PEERS: dict[str, Callable[[Trained, int], Fitted]] = {"xgboost": xgboost, "logistic": logistic}
