/**
 * Formulas of metrics on plain arrays, the results of a model for a whole data set, and intervals of what a model loses. They
 * know neither models nor files.
 */
package dev.tenon.compression.metric;
