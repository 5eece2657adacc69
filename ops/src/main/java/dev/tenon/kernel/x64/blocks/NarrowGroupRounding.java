package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rounds the groups of a row to signed bytes as {@link GroupRounding} does, with vectors of 256 bits. Code takes whole groups;
 * one that is not whole is copied first, and padding is written by Java. Immutable.
 */
final class NarrowGroupRounding {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int BITS = 256;
    private static final int LANES = BITS / Float.SIZE;
    private static final int EVEN_FIRST = 0b11_01_10_00;

    private final int span;
    private final int group;
    private final boolean hasZeros;
    private final boolean words;
    private final NativeFunction function;

    /**
     * A rounding of groups with a scale each.
     *
     * @param group the elements of a group, 16 or 32
     * @param hasZeros whether the sum of a group's bytes is multiplied with its scale; else with a number, the negated zero point
     * @param words whether results have 16 bits; of four neighbours the even ones come first, and then the odd ones
     */
    NarrowGroupRounding(int group, boolean hasZeros, boolean words) {
        this(group, group, hasZeros, words);
    }

    /**
     * A rounding.
     *
     * @param span the elements that share a scale, whole groups; rows have no part of them, if they are several
     * @param group as before
     * @param hasZeros as before
     * @param words as before
     */
    NarrowGroupRounding(int span, int group, boolean hasZeros, boolean words) {
        this.span = span;
        this.group = group;
        this.hasZeros = hasZeros;
        this.words = words;
        String groups = span == group ? "" : "of" + span;
        String id = "round_g" + group + groups + (hasZeros ? "z" : "") + (words ? "w" : "") + "_avx2";
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
        int whole = k / span * (span / group);
        int rest = k % span;
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
        BlockArgument.WHOLE_GROUPS.set(scratch, groups / (span / group));
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

    /** Writes the function. */
    private static final class Emitter extends GroupEmitter {
        private final int vectors;
        private final int groups;
        private final boolean words;

        Emitter(NarrowGroupRounding op) {
            super(BITS, op.group, op.hasZeros);
            vectors = op.group / LANES;
            groups = op.span / op.group;
            words = op.words;
        }

        byte[] emit() {
            begin();
            a.mov(count, BlockArgument.WHOLE_GROUPS.address());
            Label next = new Label();
            a.align();
            a.bind(next);
            span();
            a.sub(count, 1);
            a.jump(Condition.NOT_EQUAL, next);
            Frame.leave(a);
            return a.toBytes();
        }

        private void load(int v) {
            a.emit(VectorInstruction.VMOVUPS, x[v % vectors], Address.at(row, v * LANES * Float.BYTES));
        }

        private void span() {
            for (int v = 0; v < groups * vectors; v++) {
                load(v);
                a.emit(VectorInstruction.VPAND, v == 0 ? max : other, x[v % vectors], mask);
                if (v > 0) {
                    a.emit(VectorInstruction.VPMAXSD, max, max, other);
                }
            }
            scale();
            if (groups == 1) {
                group();
                return;
            }
            Label next = new Label();
            a.mov(temporary, groups);
            a.bind(next);
            for (int v = 0; v < vectors; v++) {
                load(v);
            }
            group();
            a.sub(temporary, 1);
            a.jump(Condition.NOT_EQUAL, next);
        }

        private void group() {
            for (int v = 0; v < vectors; v++) {
                a.emit(VectorInstruction.VMULPS, x[v], x[v], factor);
                a.emit(VectorInstruction.VCVTPS2DQ, x[v], x[v]);
                if (v == 0) {
                    a.emit(VectorInstruction.VMOVUPS, sum, x[v]);
                } else {
                    a.emit(VectorInstruction.VPADDD, sum, sum, x[v]);
                }
                store(x[v], v);
            }
            finish(sum);
        }

        private void store(VectorRegister from, int v) {
            VectorRegister low = from.as(128);
            if (words) {
                a.emit(VectorInstruction.VSHUFPS, from, from, from, EVEN_FIRST);
            }
            a.emit(VectorInstruction.VEXTRACTI128, other.as(128), from, 1);
            a.emit(VectorInstruction.VPACKSSDW, low, low, other.as(128));
            if (words) {
                a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(bytes, v * LANES * Short.BYTES), low);
                return;
            }
            a.emit(VectorInstruction.VPACKSSWB, low, low, low);
            a.emit(VectorInstruction.VMOVQ_STORE, Address.at(bytes, v * LANES), low);
        }
    }
}
