package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * Products with rows that are rounded to signed bytes. The sum of a group is exact; it becomes float32, is multiplied with the
 * row's scale, and then with the column's, and is added. Minimums are multiplied with the sum of the row's group and added after
 * that. So instruction sets differ in the way to an exact sum alone, and give the same bits.
 *
 * <p>Without dot products of bytes, integers of 4 bits are small enough for all sums of two products of a group to be added in
 * 16 bits; those of up to 6 bits for one such sum. Integers of 8 bits become absolute values, whose signs the row takes.
 *
 * <p>A group of a tile has the bytes of one row after the other, then the scales of the rows, then their zero terms: the sum of
 * the bytes times the negated zero, or, if there are minimums, times the scale.
 */
final class FormatBytes extends FormatArithmetic {
    private static final int MAX_ROWS_512 = 16;
    private static final int MAX_ROWS_512_WITH_MORE = 14;
    private static final int MAX_ROWS_256 = 5;
    private static final int NIBBLE = 4;
    private static final int ONES = 0x0001_0001;
    private static final int SIGNS = 0x8080_8080;

    /** The bytes of a group that a row takes besides those of its terms. */
    private static final int EXTRA = 2 * Float.BYTES;

    /** The registers for vectors of weights, and the one that takes a part of a row, with vectors of 256 bits. */
    private static final int WORK = 3;

    private final boolean dots;
    private final NarrowGroupRounding rounding;

    /**
     * A product.
     *
     * @param b the layout of the weights
     * @param bits the width of vectors: 512 with dot products of bytes, else 256
     * @param dots whether the machine has dot products of bytes
     */
    FormatBytes(FormatPanelLayout b, int bits, boolean dots) {
        super(b, bits);
        this.dots = dots;
        rounding = new NarrowGroupRounding(b.format().blockSize(), group(), hasZeros(), false);
    }

    private int group() {
        return b.format().groupSize();
    }

    /** Whether integers of 8 bits become absolute values. */
    private boolean takesSigns() {
        return !dots && b.format().bits() == Byte.SIZE;
    }

    /** Whether sums of two products are added in 16 bits. */
    private boolean addsWords() {
        return !dots && b.format().bits() == NIBBLE;
    }

    @Override
    public String operands() {
        return formatName() + "s8";
    }

    @Override
    public String suffix() {
        return bits() == WIDE ? "avx512vnni" : dots ? "avxvnni" : "avx2";
    }

    @Override
    public Set<InstructionSet> needs() {
        if (bits() == WIDE) {
            return EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_VNNI);
        }
        return dots ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI) : EnumSet.of(InstructionSet.AVX2);
    }

    /** Scales and minimums of blocks take two registers more than those of groups alone. */
    @Override
    public int maxRows() {
        boolean many = b.format().hasSubScales() && hasZeros();
        if (bits() == WIDE) {
            return many ? MAX_ROWS_512_WITH_MORE : MAX_ROWS_512;
        }
        return many ? MAX_ROWS_256 - 1 : MAX_ROWS_256;
    }

    @Override
    public int panels(int rows) {
        return 1;
    }

    @Override
    int masks() {
        return OWN;
    }

    @Override
    int ownMask() {
        return takesSigns() ? SIGNS : ONES;
    }

    @Override
    public void writeConstants(MemorySegment block) {
        super.writeConstants(block);
        BlockArgument.CONSTANTS.set(block, takesSigns() ? 0 : -b.format().zero());
        BlockArgument.setMask(block, OWN + 1, ONES);
    }

    @Override
    public boolean hasZeros() {
        return b.format().hasMinimum();
    }

    @Override
    int leftBytes(int rows) {
        return rows * (group() + EXTRA);
    }

    @Override
    void group(BlockTileEmitter t) {
        int held = bits() == WIDE ? b.steps() : WORK;
        int batches = Math.ceilDiv(t.rows(), free(t) - held);
        for (int batch = 0; batch < batches; batch++) {
            int from = batch * t.rows() / batches;
            int to = (batch + 1) * t.rows() / batches;
            if (bits() == WIDE && batch == 0) {
                unpackAll(t);
            }
            for (int r = from; r < to; r++) {
                start(t, r, sum(t, held, r - from));
            }
            if (bits() == WIDE) {
                wide(t, from, to);
            } else {
                narrow(t, from, to);
            }
            for (int r = from; r < to; r++) {
                finish(t, r, sum(t, held, r - from));
            }
        }
    }

    private static VectorRegister sum(BlockTileEmitter t, int held, int i) {
        return t.free()[held + i];
    }

    private void start(BlockTileEmitter t, int row, VectorRegister sum) {
        if (!hasZeros() && !addsWords()) {
            t.assembler().emit(VectorInstruction.VPBROADCASTD, sum, t.left(zeroTerm(t, row)));
        } else if (!addsWords()) {
            t.assembler().emit(bits() == WIDE ? VectorInstruction.VPXORD : VectorInstruction.VPXOR, sum, sum, sum);
        }
    }

    /** Code that makes bytes of all steps of the group. */
    private void unpackAll(BlockTileEmitter t) {
        VectorRegister[] w = t.free();
        boolean pairs = b.lowVectors() < b.steps();
        for (int v = 0; v < b.lowVectors(); v++) {
            unpack(t, 0, v, w[v], pairs ? w[step(v, true)] : null, w[b.steps()]);
        }
    }

    /** Code for some rows, with all steps of the group in registers. */
    private void wide(BlockTileEmitter t, int from, int to) {
        VectorRegister[] w = t.free();
        for (int step = 0; step < b.steps(); step++) {
            for (int r = from; r < to; r++) {
                VectorRegister sum = sum(t, b.steps(), r - from);
                t.assembler()
                        .emit(
                                VectorInstruction.VPDPBUSD,
                                sum,
                                w[step],
                                t.left(r * group() + step * STEP).broadcasting());
            }
        }
    }

    /** Code for some rows, with one vector of weights after the other. */
    private void narrow(BlockTileEmitter t, int from, int to) {
        VectorRegister[] free = t.free();
        for (int v = 0; v < b.lowVectors(); v++) {
            unpack(t, 0, v, free[0], free[1], free[2]);
            if (takesSigns()) {
                X64Assembler a = t.assembler();
                a.emit(VectorInstruction.VPXOR, free[0], free[0], mask(t, OWN));
                a.emit(VectorInstruction.VPABSB, free[1], free[0]);
            }
            for (int r = from; r < to; r++) {
                VectorRegister sum = sum(t, WORK, r - from);
                step(t, v, r, free[0], sum, v == 0);
                if (b.format().bits() != Byte.SIZE) {
                    step(t, step(v, true), r, free[1], sum, false);
                }
            }
        }
    }

    /** Code that adds the products of a step of a row. */
    private void step(BlockTileEmitter t, int step, int row, VectorRegister w, VectorRegister sum, boolean first) {
        X64Assembler a = t.assembler();
        VectorRegister left = t.free()[2];
        a.emit(VectorInstruction.VPBROADCASTD, left, t.left(row * group() + step * STEP));
        if (dots) {
            a.emit(VectorInstruction.VPDPBUSD_VEX, sum, w, left);
            return;
        }
        if (addsWords()) {
            a.emit(VectorInstruction.VPMADDUBSW, first ? sum : left, w, left);
            if (!first) {
                a.emit(VectorInstruction.VPADDW, sum, sum, left);
            }
            return;
        }
        if (takesSigns()) {
            a.emit(VectorInstruction.VPSIGNB, left, left, w);
            a.emit(VectorInstruction.VPMADDUBSW, left, t.free()[1], left);
        } else {
            a.emit(VectorInstruction.VPMADDUBSW, left, w, left);
        }
        a.emit(VectorInstruction.VPMADDWD, left, left, mask(t, takesSigns() ? OWN + 1 : OWN));
        a.emit(VectorInstruction.VPADDD, sum, sum, left);
    }

    private int scale(BlockTileEmitter t, int row) {
        return t.rows() * group() + row * Float.BYTES;
    }

    private int zeroTerm(BlockTileEmitter t, int row) {
        return scale(t, t.rows() + row);
    }

    /** Code that adds a group's sum of a row to the row's sums. */
    private void finish(BlockTileEmitter t, int row, VectorRegister sum) {
        X64Assembler a = t.assembler();
        VectorRegister left = t.free()[2];
        if (addsWords()) {
            a.emit(VectorInstruction.VPMADDWD, sum, sum, mask(t, OWN));
            if (!hasZeros()) {
                a.emit(VectorInstruction.VPBROADCASTD, left, t.left(zeroTerm(t, row)));
                a.emit(VectorInstruction.VPADDD, sum, sum, left);
            }
        }
        a.emit(VectorInstruction.VCVTDQ2PS, sum, sum);
        if (bits() == WIDE) {
            a.emit(VectorInstruction.VMULPS, sum, sum, t.left(scale(t, row)).broadcasting());
            a.emit(VectorInstruction.VFMADD231PS, t.sums(row, 0), sum, t.scales(0));
            if (hasZeros()) {
                a.emit(
                        VectorInstruction.VFMADD231PS,
                        t.sums(row, 0),
                        t.zeros(0),
                        t.left(zeroTerm(t, row)).broadcasting());
            }
            return;
        }
        a.emit(VectorInstruction.VBROADCASTSS, left, t.left(scale(t, row)));
        a.emit(VectorInstruction.VMULPS, sum, sum, left);
        a.emit(VectorInstruction.VFMADD231PS, t.sums(row, 0), sum, t.scales(0));
        if (hasZeros()) {
            a.emit(VectorInstruction.VBROADCASTSS, left, t.left(zeroTerm(t, row)));
            a.emit(VectorInstruction.VFMADD231PS, t.sums(row, 0), t.zeros(0), left);
        }
    }

    @Override
    public long tileBytes(int rows, int k) {
        return (long) k / group() * leftBytes(rows);
    }

    @Override
    public void layOut(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to) {
        BlockArgument.GROUP_STEP.set(scratch, leftBytes(rows));
        long tile = scratch.address() + to;
        for (int r = 0; r < rows; r++) {
            BlockArgument.ROW_BYTES.set(scratch, tile + (long) r * group());
            long numbers = tile + (long) rows * group() + (long) r * Float.BYTES;
            BlockArgument.ROW_SCALES.set(scratch, numbers);
            BlockArgument.ROW_ZEROS.set(scratch, numbers + (long) rows * Float.BYTES);
            rounding.run(a, at + (long) r * k * Float.BYTES, k, scratch, k / group());
        }
    }
}
