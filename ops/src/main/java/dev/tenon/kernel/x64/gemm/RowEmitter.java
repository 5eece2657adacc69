package dev.tenon.kernel.x64.gemm;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R11;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RAX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;
import static dev.tenon.asm.VectorRegister.xmm;
import static dev.tenon.asm.VectorRegister.ymm;
import static dev.tenon.asm.VectorRegister.zmm;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import java.util.Set;

/**
 * Writes functions that turn rows of float32 into the operands of tiles: bytes with a scale and a zero point for each row, or
 * BF16 numbers. Both need AVX-512.
 */
final class RowEmitter {
    private static final int VECTOR_BYTES = 64;
    private static final int EQUAL = 0;
    private static final int SWAP_PAIRS = 0x4E;
    private static final int SWAP_NEIGHBOURS = 0xB1;

    private static final MaskRegister LAST = new MaskRegister(1);
    private static final MaskRegister EMPTY = new MaskRegister(2);

    // Registers of the quantisation.
    private static final VectorRegister LEAST = zmm(0);
    private static final VectorRegister MOST = zmm(1);
    private static final VectorRegister NOT_FINITE = zmm(2);
    private static final VectorRegister X = zmm(3);
    private static final VectorRegister SCALE = zmm(9);
    private static final VectorRegister ZERO_POINT = zmm(10);
    private static final VectorRegister ZERO = zmm(11);
    private static final VectorRegister GREATEST = zmm(12);
    private static final VectorRegister GREATEST_INTEGER = zmm(13);
    private static final VectorRegister ONE = zmm(14);

    private final X64Assembler a;

    private RowEmitter(Set<InstructionSet> sets) {
        a = new X64Assembler(sets);
    }

    /** A function that quantises rows. */
    static byte[] quantizer() {
        RowEmitter e = new RowEmitter(Set.of(InstructionSet.AVX2, InstructionSet.AVX512));
        e.begin();
        e.constants();
        Label row = new Label();
        e.a.bind(row);
        e.ranges();
        e.scales();
        e.quantize();
        e.a.add(R10, Float.BYTES);
        e.a.add(R11, Integer.BYTES);
        e.end(row);
        return e.a.toBytes();
    }

    /** A function that rounds rows to BF16. */
    static byte[] rounder() {
        RowEmitter e = new RowEmitter(Set.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_BF16));
        e.begin();
        Label row = new Label();
        e.a.bind(row);
        e.a.mov(RSI, R9);
        e.overVectors(last -> {
            e.load(last);
            e.a.emit(VectorInstruction.VCVTNEPS2BF16, ymm(X.number()), X);
            e.a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(RSI, 0), ymm(X.number()));
            e.a.add(RSI, VECTOR_BYTES / 2);
        });
        e.end(row);
        return e.a.toBytes();
    }

    private void begin() {
        Frame.enter(a);
        a.mov(R8, RowArgument.X.address());
        a.mov(R9, RowArgument.RESULT.address());
        a.mov(R10, RowArgument.SCALES.address());
        a.mov(R11, RowArgument.ZEROS.address());
        a.mov(RCX, RowArgument.ROWS.address());
        a.mov(RAX, RowArgument.LAST_MASK.address());
        a.emit(VectorInstruction.KMOVW, LAST, RAX);
    }

    private void end(Label row) {
        a.add(R8, RowArgument.X_ROW.address());
        a.add(R9, RowArgument.RESULT_ROW.address());
        a.sub(RCX, 1);
        a.jump(Condition.NOT_EQUAL, row);
        Frame.leave(a);
    }

    private void constants() {
        a.emit(VectorInstruction.VPXORD, ZERO, ZERO, ZERO);
        broadcast(GREATEST, Float.floatToIntBits(255));
        broadcast(GREATEST_INTEGER, 255);
        broadcast(ONE, Float.floatToIntBits(1));
    }

    private void broadcast(VectorRegister to, int bits) {
        a.mov(RAX, (long) bits);
        a.emit(VectorInstruction.VPBROADCASTD_GPR, to, RAX);
    }

    private void load(boolean last) {
        a.emit(VectorInstruction.VMOVUPS, last ? X.zeroed(LAST) : X, Address.at(RDX, 0));
    }

    /** Code for one vector of a row. */
    private interface OnVector {
        void emit(boolean last);
    }

    /** A loop over the whole vectors of a row, and then the elements after them, if there are any. */
    private void overVectors(OnVector body) {
        Label loop = new Label();
        Label rest = new Label();
        Label end = new Label();
        a.mov(RDX, R8);
        a.mov(RAX, RowArgument.VECTORS.address());
        a.test(RAX);
        a.jump(Condition.EQUAL, rest);
        a.bind(loop);
        body.emit(false);
        a.add(RDX, VECTOR_BYTES);
        a.sub(RAX, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        a.bind(rest);
        a.mov(RAX, RowArgument.LAST_MASK.address());
        a.test(RAX);
        a.jump(Condition.EQUAL, end);
        body.emit(true);
        a.bind(end);
    }

    /** The least and the greatest element of a row and 0, and a sum that is NaN if an element is not finite. */
    private void ranges() {
        a.emit(VectorInstruction.VPXORD, LEAST, LEAST, LEAST);
        a.emit(VectorInstruction.VPXORD, MOST, MOST, MOST);
        a.emit(VectorInstruction.VPXORD, NOT_FINITE, NOT_FINITE, NOT_FINITE);
        overVectors(last -> {
            load(last);
            a.emit(VectorInstruction.VMINPS, LEAST, LEAST, X);
            a.emit(VectorInstruction.VMAXPS, MOST, MOST, X);
            a.emit(VectorInstruction.VFMADD231PS, NOT_FINITE, X, ZERO);
        });
        reduce(LEAST, VectorInstruction.VMINPS);
        reduce(MOST, VectorInstruction.VMAXPS);
        reduce(NOT_FINITE, VectorInstruction.VADDPS);
    }

    /** Combines all lanes of a vector. */
    private void reduce(VectorRegister v, VectorInstruction op) {
        VectorRegister other = zmm(4);
        a.emit(VectorInstruction.VEXTRACTF64X4, other.as(256), v, 1);
        a.emit(op, v.as(256), v.as(256), other.as(256));
        a.emit(VectorInstruction.VEXTRACTF128, other.as(128), v.as(256), 1);
        a.emit(op, v.as(128), v.as(128), other.as(128));
        for (int swap : new int[] {SWAP_PAIRS, SWAP_NEIGHBOURS}) {
            a.emit(VectorInstruction.VSHUFPS, other.as(128), v.as(128), v.as(128), swap);
            a.emit(op, v.as(128), v.as(128), other.as(128));
        }
    }

    /** The scale and the zero point of a row; a row of zeros has the scale 1. */
    private void scales() {
        VectorRegister scale = xmm(SCALE.number());
        VectorRegister zeroPoint = xmm(ZERO_POINT.number());
        VectorRegister zero = xmm(ZERO.number());
        VectorRegister stored = xmm(5);
        a.emit(VectorInstruction.VSUBPS, scale, MOST.as(128), LEAST.as(128));
        a.emit(VectorInstruction.VDIVPS, scale, scale, GREATEST.as(128));
        a.emit(VectorInstruction.VCMPPS_MASK, EMPTY, scale, zero, EQUAL);
        a.emit(VectorInstruction.VMOVUPS, scale.masked(EMPTY), ONE.as(128));
        a.emit(VectorInstruction.VSUBPS, zeroPoint, zero, LEAST.as(128));
        a.emit(VectorInstruction.VDIVPS, zeroPoint, zeroPoint, scale);
        a.emit(VectorInstruction.VCVTPS2DQ, zeroPoint, zeroPoint);
        a.emit(VectorInstruction.VADDPS, stored, scale, NOT_FINITE.as(128));
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(R10, 0), stored);
        a.emit(VectorInstruction.VPSUBD, stored, zero, zeroPoint);
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(R11, 0), stored);
        a.emit(VectorInstruction.VBROADCASTSS, SCALE, scale);
        a.emit(VectorInstruction.VPBROADCASTD, ZERO_POINT, zeroPoint);
    }

    private void quantize() {
        a.mov(RSI, R9);
        overVectors(last -> {
            load(last);
            a.emit(VectorInstruction.VDIVPS, X, X, SCALE);
            a.emit(VectorInstruction.VCVTPS2DQ, X, X);
            a.emit(VectorInstruction.VPADDD, X, X, ZERO_POINT);
            a.emit(VectorInstruction.VPMAXSD, X, X, ZERO);
            a.emit(VectorInstruction.VPMINSD, X, X, GREATEST_INTEGER);
            Address to = Address.at(RSI, 0);
            a.emit(VectorInstruction.VPMOVDB_STORE, last ? to.masked(LAST) : to, X);
            a.add(RSI, VECTOR_BYTES / Float.BYTES);
        });
    }
}
