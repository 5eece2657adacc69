package dev.tenon.kernel.x64.blocks;

import dev.tenon.kernel.Layout;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.QuantizedBlock;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Rows of blocks of a {@link BlockFormat} in panels of 16 rows, which are columns of the product. No bit is added but those of
 * 6 bits in a byte for scales of groups; nothing is rounded. A panel has
 *
 * <ul>
 * <li>the groups of the rows: vectors of 64 bytes with four neighbouring terms of each column, a step. A byte has the integer of
 *     one term of 8 bits. Else it has the lower four bits of two steps: one of the first half of the group, and the same of the
 *     second half in the upper bits. One more vector has the other bits of all steps, those of the first step lowest.
 * <li>for each block 16 scales of float16, then 16 minimums if there are any. Minimums are added, those of a format that
 *     subtracts them are negated.
 * <li>if groups have scales of their own, for each group 16 bytes of them, then 16 of minimums if there are any.
 * </ul>
 *
 * <p>Columns are padded with zeros, and panels to a multiple of 64 bytes.
 *
 * @param format the form of the blocks
 */
public record FormatPanelLayout(BlockFormat format) implements Layout, PanelForm {
    static final int COLUMNS = BlockPanelLayout.COLUMNS;
    static final int STEP = BlockPanelLayout.STEP;
    static final int VECTOR_BYTES = BlockPanelLayout.VECTOR_BYTES;
    private static final int NIBBLE = 4;
    private static final int NIBBLES = 0x0f0f0f0f;
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The steps of a group. */
    int steps() {
        return format.groupSize() / STEP;
    }

    /** The vectors of a group that have the lower bits of two steps, or all bits of one. */
    int lowVectors() {
        return format.bits() == Byte.SIZE ? steps() : steps() / 2;
    }

    /** The bits of an integer that are in a vector of their own. */
    int upperBits() {
        return format.bits() == Byte.SIZE ? 0 : format.bits() - NIBBLE;
    }

    /** The bytes of a panel for a group. */
    int groupBytes() {
        return (lowVectors() + (upperBits() > 0 ? 1 : 0)) * VECTOR_BYTES;
    }

    int groupsOfBlock() {
        return format.blockSize() / format.groupSize();
    }

    /** The numbers of a column for a block, or for a group: a scale, and perhaps a minimum. */
    int numbers() {
        return format.hasMinimum() ? 2 : 1;
    }

    private int blocks(int k) {
        return k / format.blockSize();
    }

    @Override
    public long scalesAt(int k) {
        return (long) blocks(k) * groupsOfBlock() * groupBytes();
    }

    @Override
    public long subScalesAt(int k) {
        return scalesAt(k) + (long) blocks(k) * numbers() * COLUMNS * Short.BYTES;
    }

    @Override
    public long panelBytes(int k) {
        long subScales = format.hasSubScales() ? (long) blocks(k) * groupsOfBlock() * numbers() * COLUMNS : 0;
        return Math.ceilDiv(subScalesAt(k) + subScales, VECTOR_BYTES) * VECTOR_BYTES;
    }

    @Override
    public long byteSize(int n, int k) {
        return BlockPanelLayout.panels(n) * panelBytes(k);
    }

    @Override
    public String id() {
        return "panels" + COLUMNS + "-" + format;
    }

    @Override
    public long byteSize(TensorType type) {
        return byteSize(
                Math.toIntExact(type.shape().dim(0).value()),
                Math.toIntExact(format.elements(type.shape().dim(1).value())));
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int n = (int) source.dim(0);
        int k = (int) format.elements(source.dim(1));
        byte[] row = new byte[Math.toIntExact(source.dim(1))];
        int[] panel = new int[Math.toIntExact(panelBytes(k) / Integer.BYTES)];
        QuantizedBlock block = new QuantizedBlock(format);
        for (int p = 0; p < BlockPanelLayout.panels(n); p++) {
            Arrays.fill(panel, 0);
            for (int column = 0; column < Math.min(COLUMNS, n - p * COLUMNS); column++) {
                long from = ((long) p * COLUMNS + column) * row.length;
                MemorySegment.copy(source.segment(), ValueLayout.JAVA_BYTE, from, row, 0, row.length);
                for (int b = 0; b < blocks(k); b++) {
                    block.read(row, b * format.blockBytes());
                    putCodes(block, panel, b * groupsOfBlock() * groupBytes() / Integer.BYTES + column);
                    putNumbers(block, panel, k, b, column);
                }
            }
            MemorySegment.copy(panel, 0, target, WORD, p * panelBytes(k), panel.length);
        }
    }

    /** Puts the integers of a block of a column: those of a step at once, a byte each, as all of their bits have one place. */
    private void putCodes(QuantizedBlock block, int[] panel, int at) {
        int half = lowVectors();
        int upper = upperBits();
        for (int group = 0; group < groupsOfBlock(); group++) {
            int low = at + group * groupBytes() / Integer.BYTES;
            int upperOfAll = 0;
            for (int step = 0; step < steps(); step++) {
                int codes = block.codes(group * format.groupSize() + step * STEP);
                int to = low + step % half * COLUMNS;
                if (format.bits() == Byte.SIZE) {
                    panel[to] = codes;
                    continue;
                }
                panel[to] |= (codes & NIBBLES) << step / half * NIBBLE;
                upperOfAll |= (codes >>> NIBBLE & NIBBLES) << step * upper;
            }
            if (upper > 0) {
                panel[low + half * COLUMNS] = upperOfAll;
            }
        }
    }

    /** Puts the scales and minimums of a block of a column. */
    private void putNumbers(QuantizedBlock block, int[] panel, int k, int index, int column) {
        long scales = scalesAt(k) + ((long) index * numbers() * COLUMNS + column) * Short.BYTES;
        putPart(panel, scales, Float.floatToFloat16(block.blockScale()) & 0xffff);
        if (format.hasMinimum()) {
            putPart(panel, scales + COLUMNS * Short.BYTES, Float.floatToFloat16(block.blockMinimum()) & 0xffff);
        }
        for (int group = 0; format.hasSubScales() && group < groupsOfBlock(); group++) {
            long at = subScalesAt(k) + ((long) index * groupsOfBlock() + group) * numbers() * COLUMNS + column;
            putPart(panel, at, block.subScale(group) & 0xff);
            if (format.hasMinimum()) {
                putPart(panel, at + COLUMNS, block.subMinimum(group) & 0xff);
            }
        }
    }

    /** Puts the bits of a number, which is in one word, at an offset of bytes. */
    private static void putPart(int[] panel, long at, int bits) {
        panel[(int) (at / Integer.BYTES)] |= bits << (int) (at % Integer.BYTES) * Byte.SIZE;
    }
}
