package dev.tenon.compression.quantize.weights;

/**
 * GPTQ for codes in blocks. The values of a block are chosen when its first column is rounded, from the changed
 * weights.
 */
final class GptqBlocks {
    private final int block;
    private final boolean isSymmetric;

    GptqBlocks(int block, boolean isSymmetric) {
        this.block = block;
        this.isSymmetric = isSymmetric;
    }

    /**
     * Rounds weights.
     *
     * @param gptq the prepared second moments of the layer's inputs, in the order of the columns
     * @param matrix the weights, [rows, columns]
     * @param rows the number of rows
     * @param columns the number of columns
     * @param importance the diagonal of the second moments
     * @return the codes
     */
    BlockCodes round(Gptq gptq, float[] matrix, int rows, int columns, double[] importance) {
        BlockCodes codes = new BlockCodes(rows, columns, block);
        gptq.round(matrix, 0, rows, new Gptq.Rounder() {
            @Override
            public void before(int row, int place, double[] weights) {
                if (place % block == 0) {
                    int end = Math.min(columns, place + block);
                    codes.grid(row, place, BlockSearch.find(weights, place, end, importance, place, isSymmetric));
                }
            }

            @Override
            public double round(int row, int column, double weight) {
                return codes.round(row, column, weight);
            }
        });
        return codes;
    }
}
