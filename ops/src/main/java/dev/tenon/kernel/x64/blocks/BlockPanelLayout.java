package dev.tenon.kernel.x64.blocks;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A matrix [n,k] of integers of 4 or 8 bits in panels of 16 rows, which are columns of the product. A panel holds its terms in
 * groups; a group has vectors of 64 bytes with four neighbouring terms of each column. A byte has the integer of one term, or
 * of two of 4 bits: the lower half is from the first half of the group, the upper half from the second one. Columns are padded
 * to a multiple of 16 and terms to one of the block, with zeros.
 *
 * <p>Signed integers become unsigned ones by adding 8 or 128, and so do their zero points: their difference stays.
 *
 * @param bits the bits of an integer, 4 or 8
 * @param signed whether the integers are signed
 * @param block the terms that share a scale, a power of two from 16 on
 * @param zero the zero point of all blocks, as that of unsigned integers; -1 if blocks have zero points of their own
 * @param halves whether the scales beside it are float16
 */
public record BlockPanelLayout(int bits, boolean signed, int block, int zero, boolean halves)
        implements Layout, PanelForm {
    /** The columns of a panel. */
    public static final int COLUMNS = 16;

    /** The terms of which one dword holds a byte each. */
    static final int STEP = 4;

    static final int VECTOR_BYTES = 64;
    private static final int NIBBLE = 4;
    private static final int MAX_GROUP = 32;

    /** The bytes of a scale. */
    int scaleBytes() {
        return halves ? Short.BYTES : Float.BYTES;
    }

    /** The part of a function's name that stands for the scales. */
    String scalesName() {
        return halves ? "h" : "";
    }

    /** The terms of a group. */
    int group() {
        return Math.min(block, MAX_GROUP);
    }

    /** The vectors of a group. */
    int groupVectors() {
        return group() / STEP * bits / Byte.SIZE;
    }

    /** The term of a group that an element of its vectors stands for, in the order in which the elements are stored. */
    int term(int element) {
        if (bits == Byte.SIZE) {
            return element;
        }
        int perVector = 2 * STEP;
        int vector = element / perVector;
        int nibble = element % perVector;
        return vector * STEP + nibble / 2 + nibble % 2 * group() / 2;
    }

    /**
     * The number of blocks.
     *
     * @param k the terms
     * @return at least 0
     */
    int blocks(int k) {
        return Math.ceilDiv(k, block);
    }

    /** The terms with padding. */
    int paddedTerms(int k) {
        return Math.multiplyExact(blocks(k), block);
    }

    static int panels(int n) {
        return Math.ceilDiv(n, COLUMNS);
    }

    @Override
    public long panelBytes(int k) {
        return (long) paddedTerms(k) * COLUMNS * bits / Byte.SIZE;
    }

    @Override
    public long byteSize(int n, int k) {
        return panels(n) * panelBytes(k);
    }

    @Override
    public String id() {
        return "block-panels" + COLUMNS + "x" + block;
    }

    @Override
    public long byteSize(TensorType type) {
        return byteSize(
                Math.toIntExact(type.shape().dim(0).value()),
                Math.toIntExact(type.shape().dim(1).value()));
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int n = (int) source.dim(0);
        int k = (int) source.dim(1);
        byte[] panel = new byte[Math.toIntExact(panelBytes(k))];
        byte[] row = new byte[Math.max(paddedTerms(k), k + 1)];
        for (int p = 0; p < panels(n); p++) {
            Arrays.fill(panel, (byte) 0);
            for (int column = 0; column < Math.min(COLUMNS, n - p * COLUMNS); column++) {
                read(source.segment(), ((long) p * COLUMNS + column) * k, k, row);
                Arrays.fill(row, k, row.length, (byte) 0);
                if (bits == NIBBLE) {
                    putNibbles(row, paddedTerms(k), panel, column);
                } else {
                    putBytes(row, k, panel, column);
                }
            }
            MemorySegment.copy(panel, 0, target, ValueLayout.JAVA_BYTE, p * panelBytes(k), panel.length);
        }
    }

    /** Reads elements as unsigned bytes. */
    private void read(MemorySegment source, long first, int count, byte[] to) {
        byte flip = (byte) (signed ? 1 << (bits - 1) : 0);
        if (bits == Byte.SIZE) {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, first, to, 0, count);
            for (int i = 0; i < count; i++) {
                to[i] ^= flip;
            }
            return;
        }
        int odd = (int) (first & 1);
        int bytes = (count + odd + 1) / 2;
        // The packed bytes go to the end of the array, so that each is read before its place is written.
        int at = to.length - bytes;
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, first / 2, to, at, bytes);
        for (int i = 0; i < count; i++) {
            int packed = to[at + (i + odd) / 2];
            to[i] = (byte) ((packed >> ((i + odd) % 2 * NIBBLE) & 15) ^ flip);
        }
    }

    private void putBytes(byte[] row, int k, byte[] panel, int column) {
        for (int i = 0; i < k; i++) {
            panel[i / STEP * VECTOR_BYTES + column * STEP + i % STEP] = row[i];
        }
    }

    private void putNibbles(byte[] row, int k, byte[] panel, int column) {
        int group = group();
        int half = group / 2;
        int at = column * STEP;
        for (int first = 0; first < k; first += group) {
            for (int low = first; low < first + half; low += STEP) {
                for (int i = 0; i < STEP; i++) {
                    panel[at + i] = (byte) (row[low + i] | row[low + half + i] << NIBBLE);
                }
                at += VECTOR_BYTES;
            }
        }
    }
}
