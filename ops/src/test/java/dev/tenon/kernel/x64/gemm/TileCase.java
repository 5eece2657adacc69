package dev.tenon.kernel.x64.gemm;

import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * One product of a block of tiles: its sizes, and the options of its ends. A pad is the bytes after a row, or after a panel,
 * that belong to nothing.
 */
record TileCase(
        TileProduct product,
        TileEnds ends,
        int panelVectors,
        int panels,
        int m,
        int n,
        int steps,
        int segments,
        int skip,
        int firstColumn,
        int aPad,
        int panelPad,
        int cPad,
        int residualPad,
        Set<TileArgument> given,
        float least,
        float greatest,
        int resultZero) {
    private static final Set<TileArgument> FLOAT_OPTIONS =
            EnumSet.of(TileArgument.BIAS, TileArgument.CONTINUES, TileArgument.RESIDUAL, TileArgument.CLIPS);
    private static final Set<TileArgument> INTEGER_OPTIONS = EnumSet.of(
            TileArgument.BIAS,
            TileArgument.RESIDUAL,
            TileArgument.CLIPS,
            TileArgument.COLUMN_ZEROS,
            TileArgument.ROW_ZERO_STEP,
            TileArgument.ROW_SCALES,
            TileArgument.ROW_SCALE_STEP,
            TileArgument.COLUMN_SCALES,
            TileArgument.COLUMN_ADDENDS);
    private static final float[] BOUNDS = {0, -0f, 1, -1, 6, -100, 100, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY
    };

    /** A case of a given size with random options. */
    static TileCase random(Random random, TileProduct product, TileEnds ends, int panels, int m, int n, int steps) {
        boolean integers = ends instanceof IntegerEnds;
        Set<TileArgument> given = EnumSet.copyOf(integers ? INTEGER_OPTIONS : FLOAT_OPTIONS);
        given.removeIf(option -> random.nextBoolean());
        // Floats that begin anywhere would be NaN and infinite too often.
        int unit = integers ? 1 : Float.BYTES;
        float bound = BOUNDS[random.nextInt(BOUNDS.length)];
        float other = BOUNDS[random.nextInt(BOUNDS.length)];
        return new TileCase(
                product,
                ends,
                panelVectors(product),
                panels,
                m,
                n,
                steps,
                1 + random.nextInt(3) * random.nextInt(2),
                unit * random.nextInt(5),
                random.nextInt(5),
                unit * random.nextInt(5),
                64 * random.nextInt(2),
                ends.resultBytes() * random.nextInt(3),
                Float.BYTES * random.nextInt(3),
                given,
                Math.min(bound, other),
                Math.max(bound, other),
                random.nextInt(256) - 128);
    }

    /** The vectors of a panel: two for numbers of four bytes, sixteen columns for bytes. */
    static int panelVectors(TileProduct product) {
        return multipliesBytes(product) ? BytePanels.COLUMNS * Integer.SIZE / product.bits() : 2;
    }

    static boolean multipliesBytes(TileProduct product) {
        return product instanceof ByteProduct || product instanceof PairProduct || product instanceof WordProduct;
    }

    int lanes() {
        return product.bits() / Integer.SIZE;
    }

    int panelColumns() {
        return panelVectors * lanes();
    }

    int segmentBytes() {
        return steps * Integer.BYTES;
    }

    int aRow() {
        return segments * segmentBytes() + (segments - 1) * skip + aPad;
    }

    int panelBytes() {
        return segments * segmentBytes() * panelColumns() + panelPad;
    }

    int cRow() {
        return n * ends.resultBytes() + cPad;
    }

    int residualRow() {
        return n * Float.BYTES + residualPad;
    }

    boolean has(TileArgument option) {
        return given.contains(option);
    }

    /** The bytes of an operand, of which the last one is used. */
    int bytes(TileArgument operand) {
        return switch (operand) {
            case A -> Math.max(0, (m - 1) * aRow() + aRow() - aPad);
            case B -> Math.max(0, panels * panelBytes() - panelPad);
            case C -> (m - 1) * cRow() + n * ends.resultBytes();
            case RESIDUAL -> (m - 1) * residualRow() + n * Float.BYTES;
            case ROW_ZEROS -> (has(TileArgument.ROW_ZERO_STEP) ? m : 1) * Integer.BYTES;
            case ROW_SCALES -> (has(TileArgument.ROW_SCALE_STEP) ? m : 1) * Float.BYTES;
            case ROW_SUMS -> m * Integer.BYTES;
            default -> (firstColumn + n) * Integer.BYTES;
        };
    }
}
