package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rounds the groups of a row to signed bytes as {@link BlockRounding} does, with vectors of 256 bits. Code takes whole groups;
 * one that is not whole is copied first, and padding is written by Java. Immutable.
 */
final class NarrowBlockRounding {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int BITS = 256;
    private static final int LANES = BITS / Float.SIZE;
    private static final int MOST = 127;
    private static final int ABSOLUTE = 0x7FFF_FFFF;
    private static final int UPPER_HALF = 0b1110;
    private static final int SECOND = 0b01;
    private static final int EVEN_FIRST = 0b11_01_10_00;
    private static final VectorRegister[] X = {
        VectorRegister.ymm(0), VectorRegister.ymm(1), VectorRegister.ymm(2), VectorRegister.ymm(3)
    };
    private static final VectorRegister MAX = VectorRegister.ymm(4);
    private static final VectorRegister OTHER = VectorRegister.ymm(5);
    private static final VectorRegister SCALE = VectorRegister.ymm(6);
    private static final VectorRegister FACTOR = VectorRegister.ymm(7);
    private static final VectorRegister MASK = VectorRegister.ymm(8);
    private static final VectorRegister OF_MOST = VectorRegister.ymm(9);
    private static final VectorRegister FINITE = VectorRegister.ymm(10);
    private static final VectorRegister ZERO = VectorRegister.ymm(11);
    private static final VectorRegister SUM = VectorRegister.ymm(12);

    private final int group;
    private final boolean hasZeros;
    private final boolean words;
    private final NativeFunction function;

    /**
     * A rounding.
     *
     * @param group the elements of a group, 16 or 32
     * @param hasZeros whether the sum of a group's bytes is multiplied with its scale; else with a number, the negated zero point
     * @param words whether results have 16 bits; of four neighbours the even ones come first, and then the odd ones
     */
    NarrowBlockRounding(int group, boolean hasZeros, boolean words) {
        this.group = group;
        this.hasZeros = hasZeros;
        this.words = words;
        String id = "round_g" + group + (hasZeros ? "z" : "") + (words ? "w" : "") + "_avx2";
        function = KernelCode.of(id, () -> new Emitter(this).emit());
    }

    /**
     * Rounds a row. The block of arguments has the addresses of the first group's bytes, its scale and its zero term, and the
     * bytes from a group to the next.
     *
     * @param a the matrix
     * @param at the offset of the row
     * @param k its elements
     * @param scratch the block of arguments, and the memory of the results
     * @param groups the groups with padding
     */
    void run(MemorySegment a, long at, int k, MemorySegment scratch, int groups) {
        int whole = k / group;
        int rest = k % group;
        if (whole > 0) {
            call(scratch, a.address() + at, whole);
        }
        if (rest > 0) {
            for (int i = 0; i < group; i++) {
                long from = at + ((long) whole * group + i) * Float.BYTES;
                scratch.set(F32, BlockArgument.PART_OFFSET + (long) i * Float.BYTES, i < rest ? a.get(F32, from) : 0);
            }
            call(scratch, scratch.address() + BlockArgument.PART_OFFSET, 1);
        }
        for (int g = whole + (rest > 0 ? 1 : 0); g < groups; g++) {
            clear(scratch);
            next(scratch, 1);
        }
    }

    private void call(MemorySegment scratch, long row, int groups) {
        BlockArgument.ROW.set(scratch, row);
        BlockArgument.WHOLE_GROUPS.set(scratch, groups);
        function.call(scratch.address());
        next(scratch, groups);
    }

    private static void next(MemorySegment scratch, int groups) {
        long bytes = groups * BlockArgument.GROUP_STEP.get(scratch);
        BlockArgument.ROW_BYTES.set(scratch, BlockArgument.ROW_BYTES.get(scratch) + bytes);
        BlockArgument.ROW_SCALES.set(scratch, BlockArgument.ROW_SCALES.get(scratch) + bytes);
        BlockArgument.ROW_ZEROS.set(scratch, BlockArgument.ROW_ZEROS.get(scratch) + bytes);
    }

    private void clear(MemorySegment scratch) {
        long bytes = BlockArgument.ROW_BYTES.get(scratch) - scratch.address();
        int size = group * (words ? Short.BYTES : 1);
        for (int i = 0; i < size; i += Integer.BYTES) {
            scratch.set(ValueLayout.JAVA_INT, bytes + i, 0);
        }
        scratch.set(F32, BlockArgument.ROW_SCALES.get(scratch) - scratch.address(), 0);
        scratch.set(F32, BlockArgument.ROW_ZEROS.get(scratch) - scratch.address(), 0);
    }

    /** The registers of one function. */
    private static final class Emitter {
        private final NarrowBlockRounding op;
        private final X64Assembler a = new X64Assembler(VectorEmitter.needs(BITS));
        private final Registers registers = new Registers();
        private final Gpr row = registers.take();
        private final Gpr bytes = registers.take();
        private final Gpr scales = registers.take();
        private final Gpr zeros = registers.take();
        private final Gpr step = registers.take();
        private final Gpr count = registers.take();
        private final Gpr temporary = registers.take();

        Emitter(NarrowBlockRounding op) {
            this.op = op;
        }

        byte[] emit() {
            Frame.enter(a);
            constant(MASK, ABSOLUTE);
            constant(OF_MOST, Float.floatToRawIntBits(MOST));
            constant(FINITE, Float.floatToRawIntBits(Float.MAX_VALUE));
            a.emit(VectorInstruction.VPBROADCASTD, ZERO, BlockArgument.CONSTANTS.address());
            a.mov(row, BlockArgument.ROW.address());
            a.mov(bytes, BlockArgument.ROW_BYTES.address());
            a.mov(scales, BlockArgument.ROW_SCALES.address());
            a.mov(zeros, BlockArgument.ROW_ZEROS.address());
            a.mov(step, BlockArgument.GROUP_STEP.address());
            a.mov(count, BlockArgument.WHOLE_GROUPS.address());
            Label next = new Label();
            a.align();
            a.bind(next);
            group();
            a.sub(count, 1);
            a.jump(Condition.NOT_EQUAL, next);
            Frame.leave(a);
            return a.toBytes();
        }

        private void constant(VectorRegister to, int value) {
            a.mov(temporary, value);
            a.emit(VectorInstruction.VMOVD, to.as(128), temporary);
            a.emit(VectorInstruction.VPBROADCASTD, to, to.as(128));
        }

        private void group() {
            int vectors = op.group / LANES;
            for (int v = 0; v < vectors; v++) {
                a.emit(VectorInstruction.VMOVUPS, X[v], Address.at(row, v * LANES * Float.BYTES));
                a.emit(VectorInstruction.VPAND, v == 0 ? MAX : OTHER, X[v], MASK);
                if (v > 0) {
                    a.emit(VectorInstruction.VPMAXSD, MAX, MAX, OTHER);
                }
            }
            // Bits of absolute values have the order of the values, and those of a NaN come last.
            reduce(VectorInstruction.VPMAXSD, MAX);
            a.emit(VectorInstruction.VDIVPS, SCALE.as(128), MAX.as(128), OF_MOST.as(128));
            a.emit(VectorInstruction.VDIVPS, FACTOR.as(128), OF_MOST.as(128), MAX.as(128));
            a.emit(VectorInstruction.VMINPS, FACTOR.as(128), FACTOR.as(128), FINITE.as(128));
            a.emit(VectorInstruction.VBROADCASTSS, FACTOR, FACTOR.as(128));
            for (int v = 0; v < vectors; v++) {
                a.emit(VectorInstruction.VMULPS, X[v], X[v], FACTOR);
                a.emit(VectorInstruction.VCVTPS2DQ, X[v], X[v]);
                if (v == 0) {
                    a.emit(VectorInstruction.VMOVUPS, SUM, X[v]);
                } else {
                    a.emit(VectorInstruction.VPADDD, SUM, SUM, X[v]);
                }
                store(X[v], v);
            }
            reduce(VectorInstruction.VPADDD, SUM);
            VectorRegister sum = SUM.as(128);
            if (op.hasZeros) {
                a.emit(VectorInstruction.VCVTDQ2PS, sum, sum);
                a.emit(VectorInstruction.VMULPS, sum, sum, SCALE.as(128));
            } else {
                a.emit(VectorInstruction.VPMULLD, sum, sum, ZERO.as(128));
            }
            a.emit(VectorInstruction.VMOVD_STORE, Address.at(scales, 0), SCALE.as(128));
            a.emit(VectorInstruction.VMOVD_STORE, Address.at(zeros, 0), sum);
            a.add(row, op.group * Float.BYTES);
            a.add(bytes, step);
            a.add(scales, step);
            a.add(zeros, step);
        }

        private void store(VectorRegister x, int v) {
            VectorRegister low = x.as(128);
            if (op.words) {
                a.emit(VectorInstruction.VSHUFPS, x, x, x, EVEN_FIRST);
            }
            a.emit(VectorInstruction.VEXTRACTI128, OTHER.as(128), x, 1);
            a.emit(VectorInstruction.VPACKSSDW, low, low, OTHER.as(128));
            if (op.words) {
                a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(bytes, v * LANES * Short.BYTES), low);
                return;
            }
            a.emit(VectorInstruction.VPACKSSWB, low, low, low);
            a.emit(VectorInstruction.VMOVQ_STORE, Address.at(bytes, v * LANES), low);
        }

        /** Combines all elements of a vector into its first one. */
        private void reduce(VectorInstruction combine, VectorRegister v) {
            VectorRegister own = v.as(128);
            VectorRegister other = OTHER.as(128);
            a.emit(VectorInstruction.VEXTRACTI128, other, v, 1);
            a.emit(combine, own, own, other);
            a.emit(VectorInstruction.VSHUFPS, other, own, own, UPPER_HALF);
            a.emit(combine, own, own, other);
            a.emit(VectorInstruction.VSHUFPS, other, own, own, SECOND);
            a.emit(combine, own, own, other);
        }
    }
}
