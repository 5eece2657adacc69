package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.nativecode.NativeFunction;
import java.util.EnumSet;

/**
 * Rounds the groups of a row to signed bytes. The scale of a group is its largest absolute value by 127. An element is
 * multiplied with 127 by that value, both in float32, and rounded to the nearest integer, ties to even. A NaN or an infinity
 * gives a scale that is one too.
 *
 * @param group the elements of a group, 16 or 32
 * @param hasZeros whether the sum of a group's bytes is multiplied with its scale; else with a number, the negated zero point
 */
record BlockRounding(int group, boolean hasZeros) {
    /** The elements of a vector. */
    static final int LANES = 16;

    private static final int MOST = 127;
    private static final int ABSOLUTE = 0x7FFF_FFFF;
    private static final int UPPER_HALF = 0b1110;
    private static final int SECOND = 0b01;
    private static final VectorRegister[] X = {VectorRegister.zmm(0), VectorRegister.zmm(1)};
    private static final VectorRegister MAX = VectorRegister.zmm(2);
    private static final VectorRegister OTHER = VectorRegister.zmm(3);
    private static final VectorRegister SCALE = VectorRegister.zmm(4);
    private static final VectorRegister FACTOR = VectorRegister.zmm(5);
    private static final VectorRegister MASK = VectorRegister.zmm(6);
    private static final VectorRegister OF_MOST = VectorRegister.zmm(7);
    private static final VectorRegister FINITE = VectorRegister.zmm(8);
    private static final VectorRegister ZERO = VectorRegister.zmm(9);
    private static final MaskRegister[] MASKS = {new MaskRegister(1), new MaskRegister(2)};

    /** The function. */
    NativeFunction function() {
        return KernelCode.of("round_g" + group + (hasZeros ? "z" : ""), () -> new Emitter(this).emit());
    }

    /** The registers of one function. */
    private static final class Emitter {
        private final BlockRounding op;
        private final X64Assembler a = new X64Assembler(EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512));
        private final Registers registers = new Registers();
        private final Gpr row = registers.take();
        private final Gpr bytes = registers.take();
        private final Gpr scales = registers.take();
        private final Gpr zeros = registers.take();
        private final Gpr step = registers.take();
        private final Gpr count = registers.take();
        private final Gpr temporary = registers.take();

        Emitter(BlockRounding op) {
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

        private void constant(VectorRegister to, int bits) {
            a.mov(temporary, bits);
            a.emit(VectorInstruction.VPBROADCASTD_GPR, to, temporary);
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
            int vectors = op.group / LANES;
            for (int v = 0; v < vectors; v++) {
                Address from = Address.at(row, v * LANES * Float.BYTES);
                a.emit(VectorInstruction.VMOVUPS, X[v].zeroed(MASKS[v]), from);
                a.emit(VectorInstruction.VPANDD, v == 0 ? MAX : OTHER, X[v], MASK);
            }
            if (vectors > 1) {
                a.emit(VectorInstruction.VPMAXSD, MAX, MAX, OTHER);
            }
            // Bits of absolute values have the order of the values, and those of a NaN come last.
            reduce(VectorInstruction.VPMAXSD, MAX, OTHER);
            a.emit(VectorInstruction.VDIVPS, SCALE.as(128), MAX.as(128), OF_MOST.as(128));
            a.emit(VectorInstruction.VDIVPS, FACTOR.as(128), OF_MOST.as(128), MAX.as(128));
            a.emit(VectorInstruction.VMINPS, FACTOR.as(128), FACTOR.as(128), FINITE.as(128));
            a.emit(VectorInstruction.VBROADCASTSS, FACTOR, FACTOR.as(128));
            for (int v = 0; v < vectors; v++) {
                a.emit(VectorInstruction.VMULPS, X[v], X[v], FACTOR);
                a.emit(VectorInstruction.VCVTPS2DQ, X[v], X[v]);
                a.emit(VectorInstruction.VPMOVDB_STORE, Address.at(bytes, v * LANES), X[v]);
            }
            if (vectors > 1) {
                a.emit(VectorInstruction.VPADDD, X[0], X[0], X[1]);
            }
            reduce(VectorInstruction.VPADDD, X[0], OTHER);
            if (op.hasZeros) {
                a.emit(VectorInstruction.VCVTDQ2PS, X[0].as(128), X[0].as(128));
                a.emit(VectorInstruction.VMULPS, X[0].as(128), X[0].as(128), SCALE.as(128));
            } else {
                a.emit(VectorInstruction.VPMULLD, X[0].as(128), X[0].as(128), ZERO.as(128));
            }
            a.emit(VectorInstruction.VMOVD_STORE, Address.at(scales, 0), SCALE.as(128));
            a.emit(VectorInstruction.VMOVD_STORE, Address.at(zeros, 0), X[0].as(128));
            a.add(row, op.group * Float.BYTES);
            a.add(bytes, step);
            a.add(scales, step);
            a.add(zeros, step);
        }

        /** Combines all elements of a vector into its first one. */
        private void reduce(VectorInstruction combine, VectorRegister v, VectorRegister other) {
            a.emit(VectorInstruction.VEXTRACTF64X4, other.as(256), v, 1);
            a.emit(combine, v.as(256), v.as(256), other.as(256));
            a.emit(VectorInstruction.VEXTRACTI128, other.as(128), v.as(256), 1);
            a.emit(combine, v.as(128), v.as(128), other.as(128));
            a.emit(VectorInstruction.VSHUFPS, other.as(128), v.as(128), v.as(128), UPPER_HALF);
            a.emit(combine, v.as(128), v.as(128), other.as(128));
            a.emit(VectorInstruction.VSHUFPS, other.as(128), v.as(128), v.as(128), SECOND);
            a.emit(combine, v.as(128), v.as(128), other.as(128));
        }
    }
}
