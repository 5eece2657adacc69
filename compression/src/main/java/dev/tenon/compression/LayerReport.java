package dev.tenon.compression;

import java.util.OptionalDouble;

/**
 * The effect of a technique on a layer.
 *
 * @param name the name of the layer: that of its node, or of its output if the node has none
 * @param technique the technique
 * @param bits the bits of a stored weight, 32 if the layer was left as it was
 * @param sparsity the share of weights that are zero, in [0, 1]
 * @param sqnr the signal to noise ratio in dB, of the layer's weights or of its output as the technique measures it; absent
 *     if it was not measured
 * @param kept whether the layer was left as it was
 * @param reason why the layer was left as it was, or a remark; empty if there is none
 */
public record LayerReport(
        String name, String technique, int bits, double sparsity, OptionalDouble sqnr, boolean kept, String reason) {
    /**
     * A layer that was left as it was.
     *
     * @param name the name of the layer
     * @param technique the technique
     * @param reason why it was left
     * @return the report
     */
    public static LayerReport kept(String name, String technique, String reason) {
        return new LayerReport(name, technique, Float.SIZE, 0, OptionalDouble.empty(), true, reason);
    }

    /**
     * A layer that was changed.
     *
     * @param name the name of the layer
     * @param technique the technique
     * @param bits the bits of a stored weight
     * @param sparsity the share of weights that are zero
     * @param sqnr the signal to noise ratio of the weights in dB
     * @return the report
     */
    public static LayerReport changed(String name, String technique, int bits, double sparsity, double sqnr) {
        return new LayerReport(name, technique, bits, sparsity, OptionalDouble.of(sqnr), false, "");
    }
}
