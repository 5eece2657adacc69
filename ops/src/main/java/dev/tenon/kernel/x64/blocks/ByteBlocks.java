package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products of rows that are rounded to signed bytes, a scale for each group. Sums of a group are exact, by {@code vpdpbusd}; then
 * they become float32 and are multiplied with both scales. A common zero point is taken off the sum of the group, before that,
 * as an integer. If blocks have zero points of their own, a second term of float32 does it.
 *
 * <p>A group of a tile has the bytes of one row after the other, then the scales of the rows, then their zero terms: the sum of
 * the bytes times the negated zero point, or, if blocks have zero points of their own, times the scale.
 */
final class ByteBlocks implements BlockArithmetic {
    private static final int MAX_ROWS = 16;
    private static final int STEP = BlockPanelLayout.STEP;
    private static final int VECTOR_BYTES = BlockPanelLayout.VECTOR_BYTES;
    private static final long LOW_HALVES = 0x0F0F_0F0FL;

    /** The bytes of a group that a row takes besides those of its terms. */
    private static final int EXTRA = 2 * Float.BYTES;

    private final BlockPanelLayout b;
    private final NativeFunction rounding;

    /**
     * A product.
     *
     * @param b the layout of the weights
     */
    ByteBlocks(BlockPanelLayout b) {
        this.b = b;
        rounding = new GroupRounding(b.group(), hasZeros()).function();
    }

    @Override
    public String operands() {
        return "u" + b.bits() + "g" + b.group() + (turns() > 1 ? "t" : "")
                + (hasZeros() ? "z" : b.zero() > 0 ? "c" : "") + b.scalesName() + "s8";
    }

    @Override
    public String suffix() {
        return "avx512vnni";
    }

    @Override
    public int bits() {
        return 512;
    }

    @Override
    public Set<InstructionSet> needs() {
        return EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_VNNI);
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

    @Override
    public int constants() {
        return b.bits() == STEP ? 1 : 0;
    }

    @Override
    public void loadConstants(BlockTileEmitter t) {
        if (constants() > 0) {
            t.assembler().mov(t.temporary(), LOW_HALVES);
            t.assembler().emit(VectorInstruction.VPBROADCASTD_GPR, t.constant(0), t.temporary());
        }
    }

    @Override
    public void writeConstants(MemorySegment block) {
        BlockArgument.CONSTANTS.set(block, -Math.max(b.zero(), 0));
    }

    @Override
    public int turns() {
        return b.block() / b.group();
    }

    @Override
    public boolean hasZeros() {
        return b.zero() < 0;
    }

    private int steps() {
        return b.group() / STEP;
    }

    @Override
    public void multiply(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        if (hasZeros()) {
            a.emit(VectorInstruction.VMULPS, t.zeros(0), t.zeros(0), t.scales(0));
        }
        t.turns(t.rows() * (b.group() + EXTRA), b.groupVectors() * VECTOR_BYTES, () -> group(t));
    }

    private void group(BlockTileEmitter t) {
        loadWeights(t);
        int sums = t.free().length - steps();
        int batches = Math.ceilDiv(t.rows(), sums);
        for (int batch = 0; batch < batches; batch++) {
            rows(t, batch * t.rows() / batches, (batch + 1) * t.rows() / batches);
        }
    }

    /** Code that loads the vectors of a group, and parts their halves. */
    private void loadWeights(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        VectorRegister[] w = t.free();
        for (int v = 0; v < b.groupVectors(); v++) {
            a.emit(VectorInstruction.VMOVUPS, w[v], t.right(0, v * VECTOR_BYTES));
        }
        if (b.bits() != STEP) {
            return;
        }
        for (int v = 0; v < b.groupVectors(); v++) {
            VectorRegister high = w[v + steps() / 2];
            a.emit(VectorInstruction.VPSRLW, high, w[v], STEP);
            a.emit(VectorInstruction.VPANDD, high, high, t.constant(0));
            a.emit(VectorInstruction.VPANDD, w[v], w[v], t.constant(0));
        }
    }

    /** Code for some rows, whose sums grow side by side. */
    private void rows(BlockTileEmitter t, int from, int to) {
        X64Assembler a = t.assembler();
        VectorRegister[] free = t.free();
        int scales = t.rows() * b.group();
        int zeroTerms = scales + t.rows() * Float.BYTES;
        for (int r = from; r < to; r++) {
            VectorRegister sum = free[steps() + r - from];
            if (hasZeros() || b.zero() == 0) {
                a.emit(VectorInstruction.VPXORD, sum, sum, sum);
            } else {
                a.emit(VectorInstruction.VPBROADCASTD, sum, t.left(zeroTerms + r * Float.BYTES));
            }
        }
        for (int step = 0; step < steps(); step++) {
            for (int r = from; r < to; r++) {
                VectorRegister sum = free[steps() + r - from];
                a.emit(
                        VectorInstruction.VPDPBUSD,
                        sum,
                        free[step],
                        t.left(r * b.group() + step * STEP).broadcasting());
            }
        }
        for (int r = from; r < to; r++) {
            VectorRegister sum = free[steps() + r - from];
            a.emit(VectorInstruction.VCVTDQ2PS, sum, sum);
            a.emit(
                    VectorInstruction.VMULPS,
                    sum,
                    sum,
                    t.left(scales + r * Float.BYTES).broadcasting());
            a.emit(VectorInstruction.VFMADD231PS, t.sums(r, 0), sum, t.scales(0));
            if (hasZeros()) {
                a.emit(
                        VectorInstruction.VFNMADD231PS,
                        t.sums(r, 0),
                        t.zeros(0),
                        t.left(zeroTerms + r * Float.BYTES).broadcasting());
            }
        }
    }

    @Override
    public long tileBytes(int rows, int k) {
        return (long) b.paddedTerms(k) / b.group() * rows * (b.group() + EXTRA);
    }

    @Override
    public void layOut(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to) {
        int groups = b.paddedTerms(k) / b.group();
        int whole = k / b.group();
        int rest = k % b.group();
        BlockArgument.GROUP_STEP.set(scratch, (long) rows * (b.group() + EXTRA));
        BlockArgument.WHOLE_GROUPS.set(scratch, whole);
        BlockArgument.PART_GROUPS.set(scratch, rest > 0 ? 1 : 0);
        BlockArgument.PADDING_GROUPS.set(scratch, groups - whole - (rest > 0 ? 1 : 0));
        BlockArgument.PART_MASK.set(scratch, (1L << Math.min(rest, GroupRounding.LANES)) - 1);
        BlockArgument.PART_MASK_2.set(scratch, (1L << Math.max(rest - GroupRounding.LANES, 0)) - 1);
        long tile = scratch.address() + to;
        for (int r = 0; r < rows; r++) {
            BlockArgument.ROW.set(scratch, a.address() + at + (long) r * k * Float.BYTES);
            BlockArgument.ROW_BYTES.set(scratch, tile + (long) r * b.group());
            long numbers = tile + (long) rows * b.group() + (long) r * Float.BYTES;
            BlockArgument.ROW_SCALES.set(scratch, numbers);
            BlockArgument.ROW_ZEROS.set(scratch, numbers + (long) rows * Float.BYTES);
            rounding.call(scratch.address());
        }
    }
}
