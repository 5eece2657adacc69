/**
 * Statistics of the values that a model computes for samples: ranges, histograms, and the second moments of the inputs of
 * layers. All take a fixed amount of memory, however many samples there are.
 *
 * <p>Must not live here: what a technique makes of the statistics.
 *
 * <p>To add a statistic: a class that receives values and can be asked at the end.
 */
package dev.tenon.compression.calibrate;
