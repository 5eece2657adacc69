package dev.tenon.compression.quantize.weights;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/**
 * A matrix of codes of 4 bits, with a scale and a zero point for each block of a row. The last block may be shorter.
 */
final class BlockCodes {
    final int rows;
    final int columns;
    final int block;

    /** The number of blocks of a row. */
    final int blocks;

    private final byte[] codes;
    private final float[] scales;
    private final float[] zeros;

    BlockCodes(int rows, int columns, int block) {
        this.rows = rows;
        this.columns = columns;
        this.block = block;
        this.blocks = Math.ceilDiv(columns, block);
        this.codes = new byte[Math.multiplyExact(rows, columns)];
        this.scales = new float[Math.multiplyExact(rows, blocks)];
        this.zeros = new float[scales.length];
    }

    /** {@return the values of the codes of a block} */
    BlockGrid grid(int row, int column) {
        int at = row * blocks + column / block;
        return new BlockGrid(scales[at], zeros[at]);
    }

    /** Sets the values of the codes of a block. */
    void grid(int row, int column, BlockGrid grid) {
        int at = row * blocks + column / block;
        scales[at] = grid.scale();
        zeros[at] = grid.zero();
    }

    /** Sets the code of a weight to the nearest one, and returns its value. */
    float round(int row, int column, double weight) {
        BlockGrid grid = grid(row, column);
        int code = grid.code(weight);
        codes[row * columns + column] = (byte) code;
        return grid.value(code);
    }

    /** {@return the weights that the codes stand for, [rows, columns]} */
    float[] values() {
        float[] values = new float[codes.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                values[row * columns + column] = grid(row, column).value(codes[row * columns + column]);
            }
        }
        return values;
    }

    /** {@return whether all zero points are 8} */
    boolean isSymmetric() {
        for (float zero : zeros) {
            if (zero != BlockGrid.MIDDLE) {
                return false;
            }
        }
        return true;
    }

    /** {@return whether all zero points are integers} */
    boolean hasIntegerZeros() {
        for (float zero : zeros) {
            if (zero != Math.rint(zero)) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@return the codes, [rows, width], where columns after the last one are 0; int4 if symmetric, otherwise uint4}
     */
    Tensor codes(int width) {
        boolean isSymmetric = isSymmetric();
        Tensor tensor = Tensor.allocate(isSymmetric ? DType.INT4 : DType.UINT4, rows, width);
        int offset = isSymmetric ? BlockGrid.MIDDLE : 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                tensor.setLong((long) row * width + column, codes[row * columns + column] - offset);
            }
        }
        return tensor;
    }

    /** {@return the scales, [rows, blocks]} */
    Tensor scales() {
        return Tensor.of(scales, rows, blocks);
    }

    /** {@return the zero points as float32, [rows, blocks]} */
    Tensor realZeros() {
        return Tensor.of(zeros, rows, blocks);
    }

    /** {@return the zero points as uint4, [rows, blocks]} */
    Tensor zeros() {
        Tensor tensor = Tensor.allocate(DType.UINT4, rows, blocks);
        for (int i = 0; i < zeros.length; i++) {
            tensor.setLong(i, (long) zeros[i]);
        }
        return tensor;
    }

    /** {@return the codes of a matrix whose weights all have the nearest code} */
    static BlockCodes nearest(float[] matrix, int rows, int columns, int block, Grids chosen) {
        BlockCodes codes = new BlockCodes(rows, columns, block);
        double[] w = new double[columns];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns; i++) {
                w[i] = matrix[row * columns + i];
            }
            for (int from = 0; from < columns; from += block) {
                int to = Math.min(columns, from + block);
                codes.grid(row, from, chosen.of(w, from, to));
                for (int i = from; i < to; i++) {
                    codes.round(row, i, w[i]);
                }
            }
        }
        return codes;
    }

    /** Chooses the values of the codes of a block. */
    @FunctionalInterface
    interface Grids {
        /** Chooses values for the weights of a row in [from, to). */
        BlockGrid of(double[] row, int from, int to);
    }
}
