package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.VectorEmitter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Products of float32. A turn takes a vector of each panel. Each element of its dwords becomes a vector of weights: an integer
 * less its zero point, times the scale, which is multiplied with an element of each row. A tile of A has these elements of its
 * rows beside each other.
 */
final class FloatBlocks implements BlockArithmetic {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int NIBBLE = 4;
    private static final int MAX_ROWS = 12;
    private static final int MAX_ROWS_WITH_MORE = 10;
    private static final int PAIR = 2;
    private static final int FEW_ROWS = 4;
    private static final int PREFETCH_BYTES = 1024;
    private static final int VECTOR_BYTES = BlockPanelLayout.VECTOR_BYTES;
    private static final int TABLE = 16;
    private static final int WIDE = 512;

    private final BlockPanelLayout b;
    private final int bits;

    /** The terms of a group in the order of the elements. */
    private final int[] terms;

    /**
     * A product.
     *
     * @param b the layout of the weights
     * @param bits the width of vectors: 256 or 512
     */
    FloatBlocks(BlockPanelLayout b, int bits) {
        this.b = b;
        this.bits = bits;
        terms = IntStream.range(0, b.group()).map(b::term).toArray();
    }

    @Override
    public String operands() {
        return "u" + b.bits() + (hasZeros() ? "z" : "") + b.scalesName() + "f32";
    }

    @Override
    public String suffix() {
        return VectorEmitter.suffix(bits);
    }

    @Override
    public int bits() {
        return bits;
    }

    @Override
    public Set<InstructionSet> needs() {
        return VectorEmitter.needs(bits);
    }

    @Override
    public int scaleBytes() {
        return b.scaleBytes();
    }

    @Override
    public int maxRows() {
        return bits != WIDE || hasZeros() || constants() > 1 ? MAX_ROWS_WITH_MORE : MAX_ROWS;
    }

    @Override
    public int panels(int rows) {
        if (bits != WIDE) {
            // Sums of several vectors keep the processor busy while it adds to one of them.
            return rows == 1 ? 2 * PAIR : rows < FEW_ROWS ? PAIR : 1;
        }
        return rows <= FEW_ROWS ? BlockTileEmitter.MAX_PANELS : PAIR;
    }

    /** Whether a table has the integers less the common zero point. A register of 256 bits does not hold it. */
    private boolean hasTable() {
        return b.bits() == NIBBLE && bits == WIDE;
    }

    @Override
    public int constants() {
        return hasTable() || bits != WIDE && hasZeros() ? 1 : 2;
    }

    /** A table of the integers less the common zero point; or the mask of an integer, and the zero point. */
    @Override
    public void loadConstants(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        if (hasTable()) {
            a.emit(VectorInstruction.VMOVUPS, t.constant(0), BlockArgument.CONSTANTS.address());
            return;
        }
        VectorRegister mask = t.constant(0);
        a.mov(t.temporary(), (1 << b.bits()) - 1);
        a.emit(VectorInstruction.VMOVD, mask.as(128), t.temporary());
        a.emit(VectorInstruction.VPBROADCASTD, mask, mask.as(128));
        if (constants() > 1) {
            a.emit(VectorInstruction.VBROADCASTSS, t.constant(1), BlockArgument.CONSTANTS.address());
        }
    }

    @Override
    public void writeConstants(MemorySegment block) {
        int zero = Math.max(b.zero(), 0);
        if (hasTable()) {
            for (int i = 0; i < TABLE; i++) {
                BlockArgument.constant(block, i, i - zero);
            }
        } else {
            BlockArgument.constant(block, 0, zero);
        }
    }

    /** The terms of a vector. */
    private int perVector() {
        return Integer.SIZE / b.bits();
    }

    @Override
    public int turns() {
        return b.block() / perVector();
    }

    @Override
    public boolean hasZeros() {
        return b.zero() < 0;
    }

    @Override
    public void multiply(BlockTileEmitter t) {
        t.turns(perVector() * t.rows() * Float.BYTES, VECTOR_BYTES, () -> vector(t));
    }

    private void vector(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        VectorRegister[] free = t.free();
        if (bits != WIDE && t.panels() > PAIR) {
            vectorOfOneRow(t);
            return;
        }
        for (int p = 0; p < t.panels(); p++) {
            a.emit(VectorInstruction.VMOVUPS, free[p], t.right(p, 0));
            if (t.rows() <= FEW_ROWS) {
                a.prefetch(t.right(p, PREFETCH_BYTES));
            }
        }
        VectorRegister left = free[2 * t.panels()];
        for (int element = 0; element < perVector(); element++) {
            for (int p = 0; p < t.panels(); p++) {
                weights(t, free[t.panels() + p], free[p], element, p);
            }
            for (int r = 0; r < t.rows(); r++) {
                Address from = t.left((element * t.rows() + r) * Float.BYTES);
                if (t.panels() == 1 && bits == WIDE) {
                    a.emit(VectorInstruction.VFMADD231PS, t.sums(r, 0), free[1], from.broadcasting());
                    continue;
                }
                a.emit(VectorInstruction.VBROADCASTSS, left, from);
                for (int p = 0; p < t.panels(); p++) {
                    a.emit(VectorInstruction.VFMADD231PS, t.sums(r, p), free[t.panels() + p], left);
                }
            }
        }
    }

    /** Code for a row with so many vectors of columns that their weights are loaded again for each element. */
    private void vectorOfOneRow(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        VectorRegister w = t.free()[0];
        VectorRegister left = t.free()[1];
        for (int p = 0; p < t.panels(); p += PAIR) {
            a.prefetch(t.right(p, PREFETCH_BYTES));
        }
        for (int element = 0; element < perVector(); element++) {
            a.emit(VectorInstruction.VBROADCASTSS, left, t.left(element * Float.BYTES));
            for (int p = 0; p < t.panels(); p++) {
                a.emit(VectorInstruction.VMOVUPS, w, t.right(p, 0));
                weights(t, w, w, element, p);
                a.emit(VectorInstruction.VFMADD231PS, t.sums(0, p), w, left);
            }
        }
    }

    /** Code that makes weights of an element of each dword. */
    private void weights(BlockTileEmitter t, VectorRegister w, VectorRegister packed, int element, int panel) {
        X64Assembler a = t.assembler();
        VectorRegister shifted = element == 0 ? packed : w;
        if (element > 0) {
            a.emit(VectorInstruction.VPSRLD, w, packed, element * b.bits());
        }
        if (hasTable()) {
            // The instruction looks at the lowest four bits of an index.
            a.emit(VectorInstruction.VPERMPS, w, shifted, t.constant(0));
        } else {
            if (element < perVector() - 1) {
                a.emit(bits == WIDE ? VectorInstruction.VPANDD : VectorInstruction.VPAND, w, shifted, t.constant(0));
            }
            a.emit(VectorInstruction.VCVTDQ2PS, w, w);
            if (!hasZeros()) {
                a.emit(VectorInstruction.VSUBPS, w, w, t.constant(1));
            }
        }
        if (hasZeros()) {
            a.emit(VectorInstruction.VSUBPS, w, w, t.zeros(panel));
        }
        a.emit(VectorInstruction.VMULPS, w, w, t.scales(panel));
    }

    @Override
    public long tileBytes(int rows, int k) {
        return (long) b.paddedTerms(k) * rows * Float.BYTES;
    }

    @Override
    public void layOut(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to) {
        int whole = k / b.group() * b.group();
        for (int group = 0; group < whole; group += b.group()) {
            layOutGroup(a, at + (long) group * Float.BYTES, rows, k, scratch, to + (long) group * rows * Float.BYTES);
        }
        for (int element = whole; element < b.paddedTerms(k); element++) {
            int term = element - element % b.group() + terms[element % b.group()];
            for (int r = 0; r < rows; r++) {
                float value = term < k ? a.get(F32, at + ((long) r * k + term) * Float.BYTES) : 0;
                scratch.set(F32, to + ((long) element * rows + r) * Float.BYTES, value);
            }
        }
    }

    private void layOutGroup(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to) {
        int[] order = terms;
        for (int r = 0; r < rows; r++) {
            long row = at + (long) r * k * Float.BYTES;
            for (int element = 0; element < order.length; element++) {
                float value = a.get(F32, row + (long) order[element] * Float.BYTES);
                scratch.set(F32, to + ((long) element * rows + r) * Float.BYTES, value);
            }
        }
    }
}
