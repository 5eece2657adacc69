"""Trains XGBoost's estimators for scikit-learn with early stopping, and writes what they predict.

Arguments: the folder to write to, the number of models, the seed. For each model it writes a file of the model, and raw float32: rows,
margins and predictions of the estimator, and margins that its booster predicts for the same range of iterations. A line of index.txt
names the model's file, and gives the numbers of columns and outputs, and the booster.
"""

import itertools
import pathlib
import sys

import numpy as np
import xgboost

folder, count, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
random = np.random.default_rng(seed)
columns = 6

grid = itertools.cycle(
    itertools.product(
        ["binary:logistic", "reg:squarederror", "multi:softprob", "count:poisson"],
        ["gbtree", "dart", "gbtree", "gblinear"],
        [1, 3],
        ["ubj", "json"],
    )
)


def labels(rows, objective):
    signal = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 1]) * np.nan_to_num(rows[:, 2])
    signal = signal + random.normal(scale=0.4, size=len(rows))
    if objective == "reg:squarederror":
        return signal
    if objective == "count:poisson":
        return np.ceil(np.abs(signal))
    return np.digitize(signal, [0] if objective == "binary:logistic" else [-0.7, 0.7])


index = []
for i, (objective, booster, parallel, form) in zip(range(count), grid):
    train, test = (random.normal(size=(300, columns)).astype(np.float32) for _ in range(2))
    for rows in train, test:
        rows[random.random(rows.shape) < 0.1] = np.nan
    parameters = dict(
        objective=objective, booster=booster, n_estimators=60, early_stopping_rounds=3, n_jobs=1, random_state=seed + i
    )
    if objective in ("binary:logistic", "count:poisson"):
        # The margin of an estimated score is a logarithm of the C library, which does not round correctly.
        parameters.update(base_score=0.5)
    if booster != "gblinear":
        parameters.update(max_depth=int(random.integers(2, 6)), learning_rate=float(random.uniform(0.05, 0.5)))
        parameters.update(num_parallel_tree=parallel, subsample=0.7, tree_method="hist")
    if booster == "dart":
        parameters.update(rate_drop=0.2)
    if objective == "multi:softprob" and booster == "gbtree" and parallel == 1 and form == "json":
        parameters.update(multi_strategy="multi_output_tree")
    kind = xgboost.XGBRegressor if objective in ("reg:squarederror", "count:poisson") else xgboost.XGBClassifier
    estimator = kind(**parameters)
    estimator.fit(train, labels(train, objective), eval_set=[(test, labels(test, objective))], verbose=False)
    margin = estimator.predict(test, output_margin=True).reshape(len(test), -1)
    if hasattr(estimator, "predict_proba"):
        prediction = estimator.predict_proba(test)
        prediction = prediction[:, 1:] if objective == "binary:logistic" else prediction
    else:
        prediction = estimator.predict(test).reshape(len(test), -1)
    reference = estimator.get_booster().predict(
        xgboost.DMatrix(test), output_margin=True, iteration_range=(0, 0 if booster == "gblinear" else estimator.best_iteration + 1)
    )
    name = f"model-{i}.{form}"
    estimator.save_model(folder / name)
    for part, values in ("rows", test), ("margin", margin), ("reference", reference), ("prediction", prediction):
        np.ascontiguousarray(values, dtype="<f4").tofile(folder / f"{name}.{part}")
    index.append(
        f"{name} {columns} {margin.shape[1]} {booster}"
    )
(folder / "index.txt").write_text("\n".join(index))
