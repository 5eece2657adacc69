/**
 * Models of CatBoost from its binary files ({@code .cbm}) and its JSON files, with numeric and one-hot features. Rows are float32, as
 * CatBoost's own are; weights are added in double. Models with statistics of categories, text or embedding features are refused.
 *
 * <p>Parts that all tools share do not belong here but in {@code dev.tenon.formats.trees}. A new loss is a line in
 * {@link dev.tenon.formats.catboost.CatboostReader}.
 */
package dev.tenon.formats.catboost;
