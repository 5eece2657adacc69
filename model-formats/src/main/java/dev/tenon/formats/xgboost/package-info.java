/**
 * Models of XGBoost from its own files, JSON and UBJSON: trees (gbtree, dart) and linear models (gblinear). Margins have the
 * bits that XGBoost computes: tests are {@code <} in float32, and float32 weights are added in the order of the trees,
 * beginning with the base score.
 *
 * <p>The file's structure was taken from XGBoost's documentation of its model schema and from what its loader accepts. Parts
 * that all tools share do not belong here but in {@code dev.tenon.formats.trees}. A new objective is a line in
 * {@code XgboostObjective}.
 */
package dev.tenon.formats.xgboost;
