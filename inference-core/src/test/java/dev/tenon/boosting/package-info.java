/**
 * Models of XGBoost, LightGBM and CatBoost against these tools, which train the models here or made the files of the test's
 * resources. Readers' tests with files written by hand do not belong here: they are in {@code model-formats}.
 */
package dev.tenon.boosting;
