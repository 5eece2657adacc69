package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;

/**
 * Code that rounds groups of a row to signed bytes, as {@link GroupRounding} says: the registers, the scale of a group, its zero
 * term, and the step to the next group. Vectors of 512 bits and of 256 bits differ in how they load and store a group.
 */
abstract class GroupEmitter {
    /** The elements of the largest group. */
    private static final int MAX_GROUP = 32;

    private static final int MOST = 127;
    private static final int ABSOLUTE = 0x7FFF_FFFF;
    private static final int UPPER_HALF = 0b1110;
    private static final int SECOND = 0b01;

    final X64Assembler a;

    /** The elements of the group. */
    final VectorRegister[] x;

    /** The greatest absolute value of the group, and a register that any code may overwrite. */
    final VectorRegister max;

    final VectorRegister other;

    /** The sign bits are 0, all others 1. */
    final VectorRegister mask;

    /** The number that the elements of the group are multiplied with. */
    final VectorRegister factor;

    /** A register for the sum of the group. */
    final VectorRegister sum;

    final Gpr row;
    final Gpr bytes;
    final Gpr count;
    final Gpr temporary;

    private final int bits;
    private final int group;
    private final boolean hasZeros;
    private final VectorRegister scale;
    private final VectorRegister ofMost;
    private final VectorRegister finite;
    private final VectorRegister zero;
    private final Gpr scales;
    private final Gpr zeros;
    private final Gpr step;

    /**
     * The registers of a function.
     *
     * @param bits the width of vectors, 256 or 512
     * @param group the elements of a group, 16 or 32
     * @param hasZeros whether the sum of a group's bytes is multiplied with its scale; else with the negated zero point
     */
    GroupEmitter(int bits, int group, boolean hasZeros) {
        this.bits = bits;
        this.group = group;
        this.hasZeros = hasZeros;
        a = new X64Assembler(VectorEmitter.needs(bits));
        int vectors = MAX_GROUP * Float.SIZE / bits;
        x = VectorRegister.range(0, vectors, bits);
        max = VectorRegister.of(vectors, bits);
        other = VectorRegister.of(vectors + 1, bits);
        scale = VectorRegister.of(vectors + 2, bits);
        factor = VectorRegister.of(vectors + 3, bits);
        mask = VectorRegister.of(vectors + 4, bits);
        ofMost = VectorRegister.of(vectors + 5, bits);
        finite = VectorRegister.of(vectors + 6, bits);
        zero = VectorRegister.of(vectors + 7, bits);
        sum = VectorRegister.of(vectors + 8, bits);
        Registers registers = new Registers();
        row = registers.take();
        bytes = registers.take();
        scales = registers.take();
        zeros = registers.take();
        step = registers.take();
        count = registers.take();
        temporary = registers.take();
    }

    /** Code before the first group. */
    final void begin() {
        Frame.enter(a);
        constant(mask, ABSOLUTE);
        constant(ofMost, Float.floatToRawIntBits(MOST));
        constant(finite, Float.floatToRawIntBits(Float.MAX_VALUE));
        a.emit(VectorInstruction.VPBROADCASTD, zero, BlockArgument.CONSTANTS.address());
        a.mov(row, BlockArgument.ROW.address());
        a.mov(bytes, BlockArgument.ROW_BYTES.address());
        a.mov(scales, BlockArgument.ROW_SCALES.address());
        a.mov(zeros, BlockArgument.ROW_ZEROS.address());
        a.mov(step, BlockArgument.GROUP_STEP.address());
    }

    private void constant(VectorRegister to, int value) {
        a.mov(temporary, value);
        if (bits == 512) {
            a.emit(VectorInstruction.VPBROADCASTD_GPR, to, temporary);
        } else {
            a.emit(VectorInstruction.VMOVD, to.as(128), temporary);
            a.emit(VectorInstruction.VPBROADCASTD, to, to.as(128));
        }
    }

    /** Code that turns the greatest absolute values in {@link #max} into the scale and the factor of the group. */
    final void scale() {
        // Bits of absolute values have the order of the values, and those of a NaN come last.
        reduce(VectorInstruction.VPMAXSD, max);
        a.emit(VectorInstruction.VDIVPS, scale.as(128), max.as(128), ofMost.as(128));
        a.emit(VectorInstruction.VDIVPS, factor.as(128), ofMost.as(128), max.as(128));
        a.emit(VectorInstruction.VMINPS, factor.as(128), factor.as(128), finite.as(128));
        a.emit(VectorInstruction.VBROADCASTSS, factor, factor.as(128));
    }

    /**
     * Code that stores the scale and the zero term of the group, and goes on to the next one.
     *
     * @param sums the sums of the group's bytes
     */
    final void finish(VectorRegister sums) {
        reduce(VectorInstruction.VPADDD, sums);
        VectorRegister all = sums.as(128);
        if (hasZeros) {
            a.emit(VectorInstruction.VCVTDQ2PS, all, all);
            a.emit(VectorInstruction.VMULPS, all, all, scale.as(128));
        } else {
            a.emit(VectorInstruction.VPMULLD, all, all, zero.as(128));
        }
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(scales, 0), scale.as(128));
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(zeros, 0), all);
        a.add(row, group * Float.BYTES);
        a.add(bytes, step);
        a.add(scales, step);
        a.add(zeros, step);
    }

    /** Combines all elements of a vector into its first one. */
    private void reduce(VectorInstruction combine, VectorRegister v) {
        if (bits == 512) {
            a.emit(VectorInstruction.VEXTRACTF64X4, other.as(256), v, 1);
            a.emit(combine, v.as(256), v.as(256), other.as(256));
        }
        VectorRegister own = v.as(128);
        VectorRegister others = other.as(128);
        a.emit(VectorInstruction.VEXTRACTI128, others, v.as(256), 1);
        a.emit(combine, own, own, others);
        a.emit(VectorInstruction.VSHUFPS, others, own, own, UPPER_HALF);
        a.emit(combine, own, own, others);
        a.emit(VectorInstruction.VSHUFPS, others, own, own, SECOND);
        a.emit(combine, own, own, others);
    }
}
