package dev.tenon.op.quant;

import dev.tenon.op.InferContext;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;

/**
 * Assigns scales to elements: one scale for all elements (a scale of one element), one for each index along an axis (a
 * vector), or one for each block along an axis (a scale of the rank of the tensor).
 *
 * @param inner the number of elements from one index along the axis to the next
 * @param length the dimension of the axis
 * @param blocks the number of scales along the axis
 * @param block the number of indices along the axis that share a scale
 * @param vector whether the scales do not depend on the other axes
 */
record Granularity(long inner, long length, long blocks, long block, boolean vector) {
    /** Fails unless scale and zero point fit a tensor. */
    static void check(InferContext c, int axis, long blockSize) {
        Shape x = c.shape(0);
        Shape scale = c.shape(1);
        if (c.has(2)
                && scale.isKnown()
                && c.shape(2).isKnown()
                && !scale.equals(c.shape(2))
                && (scale.knownElements() != 1 || c.shape(2).knownElements() != 1)) {
            throw c.error("zero point of shape " + c.shape(2), "that of the scale, " + scale, null);
        }
        if (!x.hasRank() || !scale.hasRank() || (scale.isKnown() && scale.knownElements() == 1)) {
            return;
        }
        if (scale.rank() == 0) {
            return;
        }
        int at = x.rank() == 1 ? 0 : c.axis(axis, x.rank(), "shape " + x);
        if (blockSize == 0 && scale.rank() == 1) {
            if (Dims.differ(scale.dim(0), x.dim(at))) {
                throw c.error("scale of shape " + scale, "a scalar, or [" + x.dim(at) + "] for axis " + at, null);
            }
            return;
        }
        if (scale.rank() != x.rank()) {
            throw c.error("scale of shape " + scale + " for input " + x, "a scalar, a vector, or the rank of x", null);
        }
        for (int i = 0; i < x.rank(); i++) {
            Dim expected = i == at ? blocks(x.dim(i), scale.dim(i), blockSize) : x.dim(i);
            if (expected != null && Dims.differ(scale.dim(i), expected)) {
                throw c.error(
                        "scale of shape " + scale + " for input " + x + " with block_size " + blockSize,
                        expected + " scales along axis " + i,
                        null);
            }
        }
    }

    /** The number of blocks that an axis must have; null if any number is allowed. */
    private static Dim blocks(Dim length, Dim scales, long blockSize) {
        if (blockSize > 0) {
            return length.ceilDiv(Dim.of(blockSize));
        }
        if (!length.isKnown() || !scales.isKnown() || scales.value() == 0) {
            return null;
        }
        long block = Math.max(1, -Math.floorDiv(-length.value(), scales.value()));
        return Dim.of(-Math.floorDiv(-length.value(), block));
    }

    /** The granularity of operands that {@link #check} has accepted. */
    static Granularity of(long[] dims, int axis, long[] scale, long scales, long blockSize) {
        if (scales == 1) {
            return new Granularity(1, 1, 1, 1, true);
        }
        int at = dims.length == 1 ? 0 : axis < 0 ? axis + dims.length : axis;
        long inner = 1;
        for (int i = at + 1; i < dims.length; i++) {
            inner *= dims[i];
        }
        if (blockSize == 0 && scale.length == 1) {
            return new Granularity(inner, dims[at], dims[at], 1, true);
        }
        long block = blockSize > 0 ? blockSize : Math.max(1, -Math.floorDiv(-dims[at], Math.max(1, scale[at])));
        return new Granularity(inner, dims[at], scale[at], block, false);
    }

    /** The flat index of the scale of an element. */
    long scaleOf(long element) {
        long index = element / inner % length / block;
        return vector ? index : (element / inner / length * blocks + index) * inner + element % inner;
    }
}
