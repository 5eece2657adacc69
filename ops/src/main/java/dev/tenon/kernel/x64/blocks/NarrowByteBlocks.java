package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;

/**
 * The products of {@link ByteBlocks} with vectors of 256 bits: half of a panel at a time, and one vector of weights after the
 * other, since there are few registers. With dot products of bytes a group's sum grows in 32 bits. Without them, integers of 4
 * bits times bytes are small enough for all sums of two products of a group to be added in 16 bits. Integers of 8 bits are not,
 * so both operands are widened: the even terms of a dword, and the odd ones.
 *
 * <p>A group of a tile has the bytes of one row after the other, or its 16-bit numbers; then the scales of the rows, then their
 * zero terms.
 */
final class NarrowByteBlocks implements BlockArithmetic {
    private static final int BITS = 256;
    private static final int MAX_ROWS = 5;
    private static final int STEP = BlockPanelLayout.STEP;
    private static final int NIBBLE = 4;
    private static final int VECTOR_BYTES = BlockPanelLayout.VECTOR_BYTES;
    private static final int LOW_HALVES = 0x0F0F_0F0F;
    private static final int EVEN_BYTES = 0x00FF_00FF;
    private static final int ONES = 0x0001_0001;

    /** The constants in memory: ones. */
    private static final int ONES_INDEX = 8;

    private static final int LANES = 8;

    /** The bytes of a group that a row takes besides those of its terms. */
    private static final int EXTRA = 2 * Float.BYTES;

    private final BlockPanelLayout b;
    private final boolean dots;
    private final NarrowGroupRounding rounding;

    /**
     * A product.
     *
     * @param b the layout of the weights
     * @param dots whether the machine has dot products of bytes
     */
    NarrowByteBlocks(BlockPanelLayout b, boolean dots) {
        this.b = b;
        this.dots = dots;
        rounding = new NarrowGroupRounding(b.group(), hasZeros(), widens());
    }

    /** Whether rows have 16-bit numbers. */
    private boolean widens() {
        return !dots && b.bits() != NIBBLE;
    }

    @Override
    public String operands() {
        return "u" + b.bits() + "g" + b.group() + (turns() > 1 ? "t" : "")
                + (hasZeros() ? "z" : b.zero() > 0 ? "c" : "") + b.scalesName() + "s8";
    }

    @Override
    public String suffix() {
        return dots ? "avxvnni" : "avx2";
    }

    @Override
    public int bits() {
        return BITS;
    }

    @Override
    public Set<InstructionSet> needs() {
        return dots ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI) : EnumSet.of(InstructionSet.AVX2);
    }

    @Override
    public int scaleBytes() {
        return b.scaleBytes();
    }

    @Override
    public int maxRows() {
        return MAX_ROWS;
    }

    @Override
    public int panels(int rows) {
        return 1;
    }

    /** A mask of the lower halves of bytes, or of the even bytes. */
    @Override
    public int constants() {
        return b.bits() == NIBBLE || widens() ? 1 : 0;
    }

    @Override
    public void loadConstants(BlockTileEmitter t) {
        if (constants() > 0) {
            VectorRegister mask = t.constant(0);
            t.assembler().mov(t.temporary(), b.bits() == NIBBLE ? LOW_HALVES : EVEN_BYTES);
            t.assembler().emit(VectorInstruction.VMOVD, mask.as(128), t.temporary());
            t.assembler().emit(VectorInstruction.VPBROADCASTD, mask, mask.as(128));
        }
    }

    @Override
    public void writeConstants(MemorySegment block) {
        BlockArgument.CONSTANTS.set(block, -Math.max(b.zero(), 0));
        for (int i = ONES_INDEX; i < ONES_INDEX + LANES; i++) {
            block.set(ValueLayout.JAVA_INT, BlockArgument.constantOffset(i), ONES);
        }
    }

    @Override
    public int turns() {
        return b.block() / b.group();
    }

    @Override
    public boolean hasZeros() {
        return b.zero() < 0;
    }

    private int rowBytes() {
        return b.group() * (widens() ? Short.BYTES : 1);
    }

    @Override
    public void multiply(BlockTileEmitter t) {
        if (hasZeros()) {
            t.assembler().emit(VectorInstruction.VMULPS, t.zeros(0), t.zeros(0), t.scales(0));
        }
        t.turns(t.rows() * (rowBytes() + EXTRA), b.groupVectors() * VECTOR_BYTES, () -> group(t));
    }

    private void group(BlockTileEmitter t) {
        if (dots) {
            for (int r = 0; r < t.rows(); r++) {
                startWithZero(t, r);
            }
        }
        X64Assembler a = t.assembler();
        VectorRegister w = t.free()[0];
        VectorRegister high = t.free()[1];
        for (int v = 0; v < b.groupVectors(); v++) {
            a.emit(VectorInstruction.VMOVUPS, w, t.right(0, v * VECTOR_BYTES));
            if (b.bits() == NIBBLE) {
                a.emit(VectorInstruction.VPSRLW, high, w, NIBBLE);
                a.emit(VectorInstruction.VPAND, w, w, t.constant(0));
                a.emit(VectorInstruction.VPAND, high, high, t.constant(0));
                rows(t, w, v, v == 0);
                rows(t, high, v + b.groupVectors(), false);
            } else if (widens()) {
                a.emit(VectorInstruction.VPSRLW, high, w, Byte.SIZE);
                a.emit(VectorInstruction.VPAND, w, w, t.constant(0));
                rows(t, w, 2 * v, v == 0);
                rows(t, high, 2 * v + 1, false);
            } else {
                rows(t, w, v, v == 0);
            }
        }
        for (int r = 0; r < t.rows(); r++) {
            finish(t, r);
        }
    }

    /** The sum of a group of a row. */
    private static VectorRegister sum(BlockTileEmitter t, int row) {
        return t.free()[3 + row];
    }

    private void startWithZero(BlockTileEmitter t, int row) {
        VectorRegister sum = sum(t, row);
        if (hasZeros() || b.zero() == 0) {
            t.assembler().emit(VectorInstruction.VPXOR, sum, sum, sum);
        } else {
            t.assembler().emit(VectorInstruction.VPBROADCASTD, sum, t.left(zeroTerm(t, row)));
        }
    }

    /** Code that multiplies weights with four bytes of each row, or two 16-bit numbers. */
    private void rows(BlockTileEmitter t, VectorRegister w, int dword, boolean first) {
        X64Assembler a = t.assembler();
        VectorRegister left = t.free()[2];
        for (int r = 0; r < t.rows(); r++) {
            VectorRegister sum = sum(t, r);
            a.emit(VectorInstruction.VPBROADCASTD, left, t.left(r * rowBytes() + dword * STEP));
            if (dots) {
                a.emit(VectorInstruction.VPDPBUSD_VEX, sum, w, left);
                continue;
            }
            VectorInstruction product = widens() ? VectorInstruction.VPMADDWD : VectorInstruction.VPMADDUBSW;
            a.emit(product, first ? sum : left, w, left);
            if (!first) {
                a.emit(widens() ? VectorInstruction.VPADDD : VectorInstruction.VPADDW, sum, sum, left);
            }
        }
    }

    private int scale(BlockTileEmitter t, int row) {
        return t.rows() * rowBytes() + row * Float.BYTES;
    }

    private int zeroTerm(BlockTileEmitter t, int row) {
        return scale(t, t.rows() + row);
    }

    /** Code that adds a group's sum of a row to the row's sums. */
    private void finish(BlockTileEmitter t, int r) {
        X64Assembler a = t.assembler();
        VectorRegister sum = sum(t, r);
        VectorRegister left = t.free()[2];
        if (!dots && !widens()) {
            a.emit(VectorInstruction.VPMADDWD, sum, sum, BlockArgument.constantAddress(ONES_INDEX));
        }
        if (!dots && !hasZeros() && b.zero() != 0) {
            a.emit(VectorInstruction.VPBROADCASTD, left, t.left(zeroTerm(t, r)));
            a.emit(VectorInstruction.VPADDD, sum, sum, left);
        }
        a.emit(VectorInstruction.VCVTDQ2PS, sum, sum);
        a.emit(VectorInstruction.VBROADCASTSS, left, t.left(scale(t, r)));
        a.emit(VectorInstruction.VMULPS, sum, sum, left);
        a.emit(VectorInstruction.VFMADD231PS, t.sums(r, 0), sum, t.scales(0));
        if (hasZeros()) {
            a.emit(VectorInstruction.VBROADCASTSS, left, t.left(zeroTerm(t, r)));
            a.emit(VectorInstruction.VFNMADD231PS, t.sums(r, 0), t.zeros(0), left);
        }
    }

    @Override
    public long tileBytes(int rows, int k) {
        return (long) b.paddedTerms(k) / b.group() * rows * (rowBytes() + EXTRA);
    }

    @Override
    public void layOut(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to) {
        int groups = b.paddedTerms(k) / b.group();
        BlockArgument.GROUP_STEP.set(scratch, (long) rows * (rowBytes() + EXTRA));
        long tile = scratch.address() + to;
        for (int r = 0; r < rows; r++) {
            BlockArgument.ROW_BYTES.set(scratch, tile + (long) r * rowBytes());
            long numbers = tile + (long) rows * rowBytes() + (long) r * Float.BYTES;
            BlockArgument.ROW_SCALES.set(scratch, numbers);
            BlockArgument.ROW_ZEROS.set(scratch, numbers + (long) rows * Float.BYTES);
            rounding.run(a, at + (long) r * k * Float.BYTES, k, scratch, groups);
        }
    }
}
