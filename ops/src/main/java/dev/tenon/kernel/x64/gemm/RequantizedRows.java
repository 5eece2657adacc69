package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Capabilities;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of bytes times panels of signed bytes, plus a bias, scaled and rounded to bytes. A row is made of segments of
 * neighbouring bytes, all with the same distance. Addresses are raw: the caller checks sizes and keeps memory reachable.
 * Immutable and thread-safe.
 */
public final class RequantizedRows {
    /** The size of the block of arguments. */
    public static final int BLOCK_BYTES = TileArgument.BYTES;

    /** Scaled sums at most this large are converted and packed without being clipped. */
    public static final float LARGEST = 1 << 30;

    private static final int STEP = 4;
    private static final int BYTE = 255;
    private static final int[] ORDER_512 = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
    private static final int[] ORDER_256 = {0, 4, 1, 5, 2, 6, 3, 7};

    private final PanelProduct product;

    private RequantizedRows(PanelProduct product) {
        this.product = product;
    }

    /**
     * The product of some rows.
     *
     * @param arithmetic how bytes are multiplied; if it widens them, rows hold int16
     * @param signedA whether the rows hold signed bytes. The bias has {@link ByteArithmetic#added} in their zero point
     * @param signedC whether the results are signed
     * @param rows the number of rows, at least 1
     * @param columns the number of columns, of which a multiple of 32 may be left out at the beginning
     * @return the product
     */
    public static RequantizedRows of(
            ByteArithmetic arithmetic, boolean signedA, boolean signedC, int rows, int columns) {
        return of(arithmetic, signedA, new RequantizingEnds(signedC), rows, columns);
    }

    /**
     * The product of some rows, whose results are added to other bytes.
     *
     * @param arithmetic how bytes are multiplied; if it widens them, rows hold int16
     * @param signedA whether the rows hold signed bytes. The bias has {@link ByteArithmetic#added} in their zero point
     * @param signedC whether the results and the other bytes are signed
     * @param rows the number of rows, at least 1
     * @param columns the number of columns, a multiple of 16
     * @param first whether the product is the first operand of the sum
     * @return the product
     */
    public static RequantizedRows withSum(
            ByteArithmetic arithmetic, boolean signedA, boolean signedC, int rows, int columns, boolean first) {
        return of(arithmetic, signedA, new SummingEnds(signedC, first), rows, columns);
    }

    private static RequantizedRows of(
            ByteArithmetic arithmetic, boolean signedA, TileEnds ends, int rows, int columns) {
        int rest = columns % (2 * BytePanels.COLUMNS);
        return new RequantizedRows(new BlockProduct(
                arithmetic.product(signedA),
                ends,
                arithmetic.panelVectors(),
                rows,
                rest > 0 && rest <= BytePanels.COLUMNS));
    }

    /**
     * The product of some rows in the tile registers of AMX. The rows hold unsigned bytes.
     *
     * @param signedC whether the results are signed
     * @param rows the number of rows, at least 1
     * @return the product. It takes rows for which {@link #refuseTileRegisters} gives no reason, and vectors of 512 bits
     */
    public static RequantizedRows ofTileRegisters(boolean signedC, int rows) {
        return new RequantizedRows(new AmxBlock(AmxProduct.U8S8, new RequantizingEnds(signedC), rows));
    }

    /**
     * Why tile registers can't multiply rows, or would not be faster.
     *
     * @param segmentBytes the bytes of a segment
     * @param segments the segments of a row
     * @param rows the number of rows
     * @return the reason, or null
     */
    public static String refuseTileRegisters(int segmentBytes, int segments, long rows) {
        return AmxBlock.takes(segmentBytes, segments)
                ? X64IntegerGemm.refuseTileRegisters(rows, (long) segmentBytes * segments)
                : "segments of " + segmentBytes + " bytes";
    }

    /**
     * The width of vectors that products of bytes use on a machine.
     *
     * @param c the machine
     * @return 512 or 256 bits; 0 if the assembled tier is off
     */
    public static int bits(Capabilities c) {
        ByteArithmetic arithmetic = ByteArithmetic.of(c);
        return arithmetic == null ? 0 : arithmetic.bits();
    }

    /**
     * The tile of most rows, and the instruction set.
     *
     * @return such as {@code 12x32_avx512vnni}
     */
    public String tile() {
        return product.tile();
    }

    /**
     * How rows lie in memory.
     *
     * @param segmentBytes the bytes of a segment, a multiple of 4
     * @param segments the segments of a row
     * @param segmentStep bytes from a segment to the next
     * @param rowStep bytes from a row to the next
     */
    public record Rows(int segmentBytes, int segments, long segmentStep, long rowStep) {}

    /**
     * Starts a run: writes what all of its products share.
     *
     * @param block memory of {@link #BLOCK_BYTES}, aligned to 64 bytes
     * @param bits the width of vectors
     * @param rows how rows lie in memory
     * @param panelBytes the bytes of a panel of 16 columns
     * @param resultStep bytes from a row of results to the next
     * @param zero the zero point of the results
     * @param clips whether scaled sums may be larger than {@link #LARGEST}
     */
    public static void start(
            MemorySegment block, int bits, Rows rows, long panelBytes, long resultStep, int zero, boolean clips) {
        TileBlock.clear(block);
        int steps = rows.segmentBytes() / STEP;
        TileBlock.setTerms(block, steps);
        TileBlock.set(block, TileArgument.SEGMENTS, rows.segments());
        TileBlock.set(block, TileArgument.SEGMENT_SKIP, rows.segmentStep() - rows.segmentBytes());
        TileBlock.set(block, TileArgument.A_ROW, rows.rowStep());
        TileBlock.set(block, TileArgument.B_PANEL, panelBytes);
        TileBlock.set(block, TileArgument.C_ROW, resultStep);
        setResult(block, bits, zero, clips);
    }

    /** Writes what becomes of sums. */
    static void setResult(MemorySegment block, int bits, int zero, boolean clips) {
        TileBlock.set(block, TileArgument.RESULT_ZERO, (zero & 0xFFFFL) << Short.SIZE | zero & 0xFFFFL);
        TileBlock.set(block, TileArgument.CLIPS, clips ? 1 : 0);
        TileBlock.set(block, TileArgument.GREATEST, LARGEST);
        int[] order = bits == 512 ? ORDER_512 : ORDER_256;
        for (int i = 0; i < order.length; i++) {
            block.set(ValueLayout.JAVA_INT, TileArgument.BYTE_ORDER_OFFSET + (long) i * Integer.BYTES, order[i]);
        }
    }

    /**
     * How the results of a run are added to other bytes.
     *
     * @param signed whether the bytes are signed
     * @param zero the zero point of the product's own result
     * @param own its factor
     * @param other the factor of the other bytes
     * @param term what is added to the second operand of the sum
     */
    public record Sum(boolean signed, int zero, float own, float other, float term) {}

    /**
     * Goes on with the start of a run: writes what sums share. The zero point of the results is a part of the term.
     *
     * @param block the block
     * @param sum how the results are added to other bytes
     * @param rowStep bytes from a row of other bytes to the next
     */
    public static void startSum(MemorySegment block, Sum sum, long rowStep) {
        int least = sum.signed() ? Byte.MIN_VALUE : 0;
        TileBlock.set(block, TileArgument.RESULT_ZERO, 0L);
        TileBlock.set(block, TileArgument.LEAST, (float) (least - sum.zero()));
        TileBlock.set(block, TileArgument.GREATEST, (float) (least + BYTE - sum.zero()));
        TileBlock.set(block, TileArgument.OWN_ZERO, (float) sum.zero());
        TileBlock.set(block, TileArgument.OWN_FACTOR, sum.own());
        TileBlock.set(block, TileArgument.OTHER_FACTOR, sum.other());
        TileBlock.set(block, TileArgument.SUM_TERM, sum.term());
        TileBlock.set(block, TileArgument.RESIDUAL_ROW, rowStep);
    }

    /**
     * Names the other bytes of the next rows.
     *
     * @param block the block of a started run
     * @param other the address of the byte that is added to the first result
     */
    public static void addTo(MemorySegment block, long other) {
        TileBlock.set(block, TileArgument.RESIDUAL, other);
    }

    /**
     * Multiplies.
     *
     * @param block the block of a started run
     * @param rows the address of the first row
     * @param panels the address of the panel of the first column
     * @param bias the address of the columns' biases, int32
     * @param scales the address of the columns' scales, float32
     * @param results the address of the first result
     * @param columns the number of columns, at least 1
     */
    public void run(MemorySegment block, long rows, long panels, long bias, long scales, long results, int columns) {
        TileBlock.set(block, TileArgument.A, rows);
        TileBlock.set(block, TileArgument.B, panels);
        TileBlock.set(block, TileArgument.C, results);
        TileBlock.set(block, TileArgument.BIAS, bias);
        TileBlock.set(block, TileArgument.COLUMN_SCALES, scales);
        TileBlock.set(block, TileArgument.FIRST_COLUMN, 0L);
        product.run(block, columns);
    }
}
