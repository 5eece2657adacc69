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

/**
 * Products of float32. Each byte of a step becomes a vector of weights: the integer times the scale, plus the minimum or the
 * negated zero times the scale, rounded once. A tile of A has the elements of its rows beside each other.
 */
final class FormatFloats extends FormatArithmetic {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int MAX_ROWS_512 = 12;
    private static final int MAX_ROWS_256 = 8;
    private static final int FEW_ROWS_512 = 4;
    private static final int FEW_ROWS_256 = 2;
    private static final int LANES = 16;
    private static final int LOWEST_BYTE = 0xFF;

    /**
     * A product.
     *
     * @param b the layout of the weights
     * @param bits the width of vectors: 256 or 512
     */
    FormatFloats(FormatPanelLayout b, int bits) {
        super(b, bits);
    }

    @Override
    public String operands() {
        return formatName() + "f32";
    }

    @Override
    public String suffix() {
        return VectorEmitter.suffix(bits());
    }

    @Override
    public Set<InstructionSet> needs() {
        return VectorEmitter.needs(bits());
    }

    @Override
    public int maxRows() {
        return bits() == WIDE ? MAX_ROWS_512 : MAX_ROWS_256;
    }

    /** Sums of several vectors keep the processor busy while it adds to one of them. */
    @Override
    public int panels(int rows) {
        if (bits() == WIDE) {
            return rows <= FEW_ROWS_512 ? BlockTileEmitter.MAX_PANELS : 1;
        }
        return rows <= FEW_ROWS_256 ? 2 : 1;
    }

    @Override
    int masks() {
        return OWN + 1;
    }

    @Override
    int ownMask() {
        return LOWEST_BYTE;
    }

    @Override
    public void writeConstants(MemorySegment block) {
        super.writeConstants(block);
        for (int i = 0; i < LANES; i++) {
            BlockArgument.constant(block, i, -b.format().zero());
        }
    }

    /** The numbers that are added to products of integers and scales. */
    @Override
    public boolean hasZeros() {
        return true;
    }

    @Override
    int leftBytes(int rows) {
        return b.format().groupSize() * rows * Float.BYTES;
    }

    @Override
    void group(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        for (int p = 0; p < t.panels() && !b.format().hasMinimum(); p++) {
            a.emit(VectorInstruction.VMULPS, t.zeros(p), t.scales(p), BlockArgument.constantAddress(0));
        }
        VectorRegister[] free = t.free();
        for (int v = 0; v < b.lowVectors(); v++) {
            for (int p = 0; p < t.panels(); p++) {
                unpack(t, p, v, free[0], free[1], free[2]);
                step(t, p, step(v, false), free[0]);
                if (b.format().bits() != Byte.SIZE) {
                    step(t, p, step(v, true), free[1]);
                }
            }
        }
    }

    /** Code that multiplies the four terms of a step with each row. */
    private void step(BlockTileEmitter t, int panel, int step, VectorRegister packed) {
        X64Assembler a = t.assembler();
        VectorRegister w = t.free()[2];
        VectorRegister left = t.free()[3];
        for (int i = 0; i < STEP; i++) {
            if (i > 0) {
                a.emit(VectorInstruction.VPSRLD, w, packed, i * Byte.SIZE);
            }
            if (i < STEP - 1) {
                VectorInstruction and = bits() == WIDE ? VectorInstruction.VPANDD : VectorInstruction.VPAND;
                a.emit(and, w, i == 0 ? packed : w, mask(t, OWN));
            }
            a.emit(VectorInstruction.VCVTDQ2PS, w, w);
            a.emit(VectorInstruction.VFMADD213PS, w, t.scales(panel), t.zeros(panel));
            for (int r = 0; r < t.rows(); r++) {
                Address from = t.left(((step * STEP + i) * t.rows() + r) * Float.BYTES);
                if (bits() == WIDE) {
                    a.emit(VectorInstruction.VFMADD231PS, t.sums(r, panel), w, from.broadcasting());
                } else {
                    a.emit(VectorInstruction.VBROADCASTSS, left, from);
                    a.emit(VectorInstruction.VFMADD231PS, t.sums(r, panel), w, left);
                }
            }
        }
    }

    @Override
    public long tileBytes(int rows, int k) {
        return (long) k * rows * Float.BYTES;
    }

    @Override
    public void layOut(MemorySegment a, long at, int rows, int k, MemorySegment scratch, long to) {
        if (rows == 1) {
            MemorySegment.copy(a, at, scratch, to, (long) k * Float.BYTES);
            return;
        }
        for (int r = 0; r < rows; r++) {
            long row = at + (long) r * k * Float.BYTES;
            for (int i = 0; i < k; i++) {
                scratch.set(F32, to + ((long) i * rows + r) * Float.BYTES, a.get(F32, row + (long) i * Float.BYTES));
            }
        }
    }
}
