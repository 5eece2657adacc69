package dev.tenon.compression.search;

/**
 * An option for a layer.
 *
 * @param layer the name of the layer
 * @param option the name of the option
 */
record Choice(String layer, String option) {}
