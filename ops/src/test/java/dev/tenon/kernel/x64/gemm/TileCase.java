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
    static final int CHUNK_STEPS = 16;

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

    /**
     * A case for tile registers: rows that consist of several segments have whole chunks, and panels come in pairs, but for the
     * last one.
     */
    static TileCase ofTileRegisters(
            Random random, AmxProduct product, TileEnds ends, int m, int n, int steps, int segments) {
        int pair = 2 * BytePanelLayout.COLUMNS;
        int panels = n % pair > 0 && n % pair <= BytePanelLayout.COLUMNS ? n / pair * 2 + 1 : Math.ceilDiv(n, pair) * 2;
        TileCase c = random(random, new AmxOperands(product), ends, panels, m, n, steps);
        boolean rounds = ends instanceof RequantizingEnds;
        return new TileCase(
                c.product,
                ends,
                c.panelVectors,
                panels,
                m,
                n,
                segments == 1 ? steps : Math.ceilDiv(steps, CHUNK_STEPS) * CHUNK_STEPS,
                segments,
                c.skip,
                c.firstColumn,
                c.aPad,
                c.panelPad,
                c.cPad,
                c.residualPad,
                rounds ? EnumSet.of(TileArgument.BIAS, TileArgument.COLUMN_SCALES, TileArgument.CLIPS) : c.given,
                c.least,
                rounds ? RequantizedRows.LARGEST : c.greatest,
                c.resultZero);
    }

    /** The vectors of a panel: two for numbers of four bytes, sixteen columns for bytes and for tile registers. */
    static int panelVectors(TileProduct product) {
        return multipliesBytes(product) || product instanceof AmxOperands
                ? BytePanels.COLUMNS * Integer.SIZE / product.bits()
                : 2;
    }

    /** The steps of a segment in a panel: tile registers take 16 at a time. */
    private int panelSteps() {
        return product instanceof AmxOperands ? Math.ceilDiv(steps, CHUNK_STEPS) * CHUNK_STEPS : steps;
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
        return segments * panelSteps() * product.rightBytes() * panelVectors + panelPad;
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
