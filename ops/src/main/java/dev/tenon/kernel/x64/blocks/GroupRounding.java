package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;

/**
 * Rounds the groups of a row to signed bytes. The scale of a group is its largest absolute value by 127. An element is
 * multiplied with 127 by that value, both in float32, and rounded to the nearest integer, ties to even. A NaN or an infinity
 * gives a scale that is one too.
 *
 * @param group the elements of a group, 16 or 32
 * @param hasZeros whether the sum of a group's bytes is multiplied with its scale; else with a number, the negated zero point
 */
record GroupRounding(int group, boolean hasZeros) {
    /** The elements of a vector. */
    static final int LANES = 16;

    private static final MaskRegister[] MASKS = {new MaskRegister(1), new MaskRegister(2)};

    /** The function. */
    NativeFunction function() {
        return KernelCode.of("round_g" + group + (hasZeros ? "z" : ""), () -> new Emitter(this).emit());
    }

    /** Writes the function. */
    private static final class Emitter extends GroupEmitter {
        private final int vectors;

        Emitter(GroupRounding op) {
            super(512, op.group, op.hasZeros);
            vectors = op.group / LANES;
        }

        byte[] emit() {
            begin();
            groups(BlockArgument.WHOLE_GROUPS, () -> {
                a.mov(temporary, -1);
                a.emit(VectorInstruction.KMOVW, MASKS[0], temporary);
                a.emit(VectorInstruction.KMOVW, MASKS[1], temporary);
            });
            groups(BlockArgument.PART_GROUPS, () -> {
                a.mov(temporary, BlockArgument.PART_MASK.address());
                a.emit(VectorInstruction.KMOVW, MASKS[0], temporary);
                a.mov(temporary, BlockArgument.PART_MASK_2.address());
                a.emit(VectorInstruction.KMOVW, MASKS[1], temporary);
            });
            groups(BlockArgument.PADDING_GROUPS, () -> {
                a.mov(temporary, 0);
                a.emit(VectorInstruction.KMOVW, MASKS[0], temporary);
                a.emit(VectorInstruction.KMOVW, MASKS[1], temporary);
            });
            Frame.leave(a);
            return a.toBytes();
        }

        private void groups(BlockArgument number, Runnable masks) {
            Label end = new Label();
            Label next = new Label();
            a.mov(count, number.address());
            a.test(count);
            a.jump(Condition.EQUAL, end);
            masks.run();
            a.align();
            a.bind(next);
            group();
            a.sub(count, 1);
            a.jump(Condition.NOT_EQUAL, next);
            a.bind(end);
        }

        private void group() {
            for (int v = 0; v < vectors; v++) {
                Address from = Address.at(row, v * LANES * Float.BYTES);
                a.emit(VectorInstruction.VMOVUPS, x[v].zeroed(MASKS[v]), from);
                a.emit(VectorInstruction.VPANDD, v == 0 ? max : other, x[v], mask);
            }
            if (vectors > 1) {
                a.emit(VectorInstruction.VPMAXSD, max, max, other);
            }
            scale();
            for (int v = 0; v < vectors; v++) {
                a.emit(VectorInstruction.VMULPS, x[v], x[v], factor);
                a.emit(VectorInstruction.VCVTPS2DQ, x[v], x[v]);
                a.emit(VectorInstruction.VPMOVDB_STORE, Address.at(bytes, v * LANES), x[v]);
            }
            if (vectors > 1) {
                a.emit(VectorInstruction.VPADDD, x[0], x[0], x[1]);
            }
            finish(x[0]);
        }
    }
}
