package dev.tenon.compression;

import java.util.OptionalDouble;

/**
 * How much the output changes if a technique is applied to one layer alone, as the mean Kullback-Leibler divergence in nats
 * from the model before compression.
 *
 * @param layer the name of the layer
 * @param technique the technique
 * @param weights the divergence with only the weights compressed, if it was measured; that of the whole technique if its parts
 *     were not measured
 * @param activations the divergence with only the inputs of the layer compressed, if it was measured
 */
public record Sensitivity(String layer, String technique, OptionalDouble weights, OptionalDouble activations) {}
