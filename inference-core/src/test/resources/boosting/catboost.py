"""Makes the CatBoost models of CatboostOracleTest beside this file. Needs the packages catboost and numpy."""

import json
import pathlib

import numpy as np
from catboost import CatBoost, Pool

FOLDER = pathlib.Path(__file__).parent
SHOWN = ("features_info", "model_info", "oblivious_trees", "scale_and_bias", "trees", "ctr_data")

random = np.random.default_rng(31)
x = random.normal(size=(300, 4)).astype(np.float32)
signal = x[:, 0] + x[:, 1] * x[:, 2] - np.abs(x[:, 3])
missing = x.copy()
missing[random.random(x.shape) < 0.1] = np.nan


def save(name, data, label, **parameters):
    """Trains a small model and saves it in both formats. What Tenon does not read is left out of the JSON."""
    settings = dict(iterations=6, depth=3, learning_rate=0.5, border_count=16, random_seed=1, thread_count=1, verbose=False,
                    allow_writing_files=False)
    model = CatBoost({**settings, **parameters})
    model.fit(Pool(data, label))
    model.save_model(str(FOLDER / f"catboost-{name}.cbm"))
    path = FOLDER / f"catboost-{name}.json"
    model.save_model(str(path), format="json")
    content = {key: value for key, value in json.loads(path.read_text()).items() if key in SHOWN}
    loss = content["model_info"]["params"]["loss_function"]
    content["model_info"] = {"catboost_version_info": content["model_info"].get("catboost_version_info", ""),
                             "params": {"loss_function": loss}}
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")


save("rmse", x, signal, loss_function="RMSE")
save("logloss-nan-max", missing, (signal > 0).astype(int), loss_function="Logloss", nan_mode="Max")
save("logloss-nan-min", missing, (signal > 0).astype(int), loss_function="Logloss", nan_mode="Min")
save("multiclass", x, np.digitize(signal, [-1, 0.5]), loss_function="MultiClass")
save("poisson-depthwise", x, np.ceil(np.abs(signal)), loss_function="Poisson", grow_policy="Depthwise")
save("multirmse", x, np.stack([signal, -x[:, 0]], axis=1), loss_function="MultiRMSE")

categories = random.integers(0, 5, size=300)
table = Pool([[float(a), str(c)] for a, c in zip(x[:, 0], categories)], (signal > 0).astype(int), cat_features=[1])
model = CatBoost(dict(iterations=3, depth=2, loss_function="Logloss", random_seed=1, thread_count=1, verbose=False,
                      allow_writing_files=False))
model.fit(table)
model.save_model(str(FOLDER / "catboost-categorical.json"), format="json", pool=table)
