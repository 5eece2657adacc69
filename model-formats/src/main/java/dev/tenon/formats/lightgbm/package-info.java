/**
 * Models of LightGBM from its text files ({@code save_model}), versions 3 and 4. Rows are float64. Tests are {@code <=} in
 * double, and weights are added in double in the order of the trees, so margins have the bits that LightGBM computes.
 *
 * <p>Parts that all tools share do not belong here but in {@code dev.tenon.formats.trees}. A new objective is a line in
 * {@code LightgbmObjective}.
 */
package dev.tenon.formats.lightgbm;
