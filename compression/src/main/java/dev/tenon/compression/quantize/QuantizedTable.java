package dev.tenon.compression.quantize;

import dev.tenon.tensor.Tensor;

/**
 * A table of embeddings as integers, with a scale for each column. The zero point is 0.
 *
 * @param integers int8, [rows, columns]
 * @param scales float32, [columns]
 * @param sqnr the ratio of the power of the table to that of its errors in dB
 * @param sparsity the share of zeros
 */
record QuantizedTable(Tensor integers, Tensor scales, double sqnr, double sparsity) {
    /**
     * Quantises a table.
     *
     * @param table float32, [rows, columns]
     * @param most the largest integer
     */
    static QuantizedTable of(Tensor table, int most) {
        float[] values = table.toFloatArray();
        int columns = Math.toIntExact(table.dim(1));
        float[] scales = new float[columns];
        for (int i = 0; i < values.length; i++) {
            scales[i % columns] = Math.max(scales[i % columns], Math.abs(values[i]));
        }
        for (int c = 0; c < columns; c++) {
            scales[c] = scales[c] / most >= Float.MIN_NORMAL ? scales[c] / most : 1;
        }
        byte[] integers = new byte[values.length];
        float[] back = new float[values.length];
        long zeros = 0;
        for (int i = 0; i < values.length; i++) {
            float scale = scales[i % columns];
            integers[i] = (byte) Math.max(-most, Math.min(most, Math.rint(values[i] / scale)));
            back[i] = integers[i] * scale;
            zeros += integers[i] == 0 ? 1 : 0;
        }
        return new QuantizedTable(
                Tensor.of(integers, table.dims()),
                Tensor.of(scales),
                Sqnr.of(values, back),
                values.length == 0 ? 0 : (double) zeros / values.length);
    }
}
