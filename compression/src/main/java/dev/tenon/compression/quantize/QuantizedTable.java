package dev.tenon.compression.quantize;

import dev.tenon.tensor.Tensor;

/**
 * A constant as integers, with a scale for each index of the last axis, or one for all. The zero point is 0.
 *
 * @param integers int8, of the shape of the constant
 * @param scales float32, [columns] or a scalar
 * @param sqnr the ratio of the power of the constant to that of its errors in dB
 * @param sparsity the share of zeros
 */
record QuantizedTable(Tensor integers, Tensor scales, double sqnr, double sparsity) {
    /** Constants with fewer rows have one scale for all. */
    private static final int LEAST_ROWS = 64;

    /**
     * Quantises a constant.
     *
     * @param table float32, of rank 1 or more, not empty
     * @param most the largest integer
     */
    static QuantizedTable of(Tensor table, int most) {
        float[] values = table.toFloatArray();
        int last = Math.toIntExact(table.dim(table.rank() - 1));
        int columns = values.length / last >= LEAST_ROWS ? last : 1;
        float[] scales = new float[columns];
        for (int i = 0; i < values.length; i++) {
            scales[i % columns] = Math.max(scales[i % columns], Math.abs(values[i]));
        }
        for (int c = 0; c < columns; c++) {
            scales[c] = scales[c] / most >= Float.MIN_NORMAL ? scales[c] / most : 1;
        }
        byte[] integers = new byte[values.length];
        float[] back = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            float scale = scales[i % columns];
            integers[i] = (byte) Math.max(-most, Math.min(most, Math.rint(values[i] / scale)));
            back[i] = integers[i] * scale;
        }
        int zeros = 0;
        for (byte b : integers) {
            zeros += b == 0 ? 1 : 0;
        }
        long[] dims = columns == 1 ? new long[0] : new long[] {columns};
        return new QuantizedTable(
                Tensor.of(integers, table.dims()),
                Tensor.of(scales, dims),
                Sqnr.of(values, back),
                (double) zeros / values.length);
    }

    boolean isPerColumn() {
        return scales.rank() > 0;
    }
}
