package dev.tenon.kernel.x64.gemm;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R11;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RAX;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.VectorEmitter;
import java.util.Set;

/**
 * Writes functions that turn rows of float32 into the operands of tiles: bytes or 16-bit numbers with a scale and a zero point
 * for each row, or BF16 numbers. Rounding to BF16 needs AVX-512.
 */
final class RowEmitter {
    private static final int WIDE = 512;
    private static final int EQUAL = 0;
    private static final int SWAP_PAIRS = 0x4E;
    private static final int SWAP_NEIGHBOURS = 0xB1;

    private static final MaskRegister LAST = new MaskRegister(1);
    private static final MaskRegister EMPTY = new MaskRegister(2);

    // Registers of the quantisation.
    private final VectorRegister least;
    private final VectorRegister most;
    private final VectorRegister notFinite;
    private final VectorRegister x;
    private final VectorRegister other;
    private final VectorRegister scale;
    private final VectorRegister zeroPoint;
    private final VectorRegister zero;
    private final VectorRegister greatest;
    private final VectorRegister greatestInteger;
    private final VectorRegister one;

    /** The elements of the last vector, with vectors of 256 bits. */
    private final VectorRegister lastMask;

    private final X64Assembler a;
    private final int bits;

    private RowEmitter(int bits, Set<InstructionSet> sets) {
        this.bits = bits;
        a = new X64Assembler(sets);
        least = vector(0);
        most = vector(1);
        notFinite = vector(2);
        x = vector(3);
        other = vector(4);
        scale = vector(9);
        zeroPoint = vector(10);
        zero = vector(11);
        greatest = vector(12);
        greatestInteger = vector(13);
        one = vector(14);
        lastMask = vector(15);
    }

    private VectorRegister vector(int number) {
        return VectorRegister.of(number, bits);
    }

    /**
     * A function that quantises rows.
     *
     * @param bits the width of vectors: 256 or 512
     * @param words whether results have 16 bits, which needs vectors of 256 bits
     */
    static byte[] quantizer(int bits, boolean words) {
        RowEmitter e = new RowEmitter(bits, VectorEmitter.needs(bits));
        e.begin();
        e.constants();
        Label row = new Label();
        e.a.bind(row);
        e.ranges();
        e.scales();
        e.quantize(words);
        e.a.add(R10, Float.BYTES);
        e.a.add(R11, Integer.BYTES);
        e.end(row);
        return e.a.toBytes();
    }

    /** A function that rounds rows to BF16. */
    static byte[] rounder() {
        RowEmitter e =
                new RowEmitter(WIDE, Set.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_BF16));
        e.begin();
        Label row = new Label();
        e.a.bind(row);
        e.a.mov(RSI, R9);
        e.overVectors(last -> {
            e.load(last);
            e.a.emit(VectorInstruction.VCVTNEPS2BF16, e.x.as(256), e.x);
            e.a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(RSI, 0), e.x.as(256));
            e.a.add(RSI, e.lanes() * Short.BYTES);
        });
        e.end(row);
        return e.a.toBytes();
    }

    private int lanes() {
        return bits / Float.SIZE;
    }

    private void begin() {
        Frame.enter(a);
        a.mov(R8, RowArgument.X.address());
        a.mov(R9, RowArgument.RESULT.address());
        a.mov(R10, RowArgument.SCALES.address());
        a.mov(R11, RowArgument.ZEROS.address());
        a.mov(RCX, RowArgument.ROWS.address());
        if (bits == WIDE) {
            a.mov(RAX, RowArgument.LAST_MASK.address());
            a.emit(VectorInstruction.KMOVW, LAST, RAX);
        } else {
            a.emit(VectorInstruction.VMOVUPS, lastMask, Address.at(Frame.BLOCK, RowArgument.LAST_VECTOR_OFFSET));
        }
    }

    private void end(Label row) {
        a.add(R8, RowArgument.X_ROW.address());
        a.add(R9, RowArgument.RESULT_ROW.address());
        a.sub(RCX, 1);
        a.jump(Condition.NOT_EQUAL, row);
        Frame.leave(a);
    }

    private void constants() {
        clear(zero);
        broadcast(greatest, Float.floatToIntBits(255));
        broadcast(greatestInteger, 255);
        broadcast(one, Float.floatToIntBits(1));
    }

    private void clear(VectorRegister v) {
        a.emit(VectorInstruction.VXORPS, v, v, v);
    }

    private void broadcast(VectorRegister to, int value) {
        a.mov(RAX, (long) value);
        a.emit(VectorInstruction.VMOVD, to.as(128), RAX);
        a.emit(VectorInstruction.VPBROADCASTD, to, to.as(128));
    }

    private void load(boolean last) {
        Address from = Address.at(RDX, 0);
        if (last && bits != WIDE) {
            a.emit(VectorInstruction.VMASKMOVPS, x, lastMask, from);
        } else {
            a.emit(VectorInstruction.VMOVUPS, last ? x.zeroed(LAST) : x, from);
        }
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
        RowArgument.VECTORS.jumpIfZero(a, RAX, rest);
        a.bind(loop);
        body.emit(false);
        a.add(RDX, bits / Byte.SIZE);
        a.sub(RAX, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        a.bind(rest);
        RowArgument.LAST_MASK.jumpIfZero(a, RAX, end);
        body.emit(true);
        a.bind(end);
    }

    /** The least and the greatest element of a row and 0, and a sum that is NaN if an element is not finite. */
    private void ranges() {
        clear(least);
        clear(most);
        clear(notFinite);
        overVectors(last -> {
            load(last);
            a.emit(VectorInstruction.VMINPS, least, least, x);
            a.emit(VectorInstruction.VMAXPS, most, most, x);
            a.emit(VectorInstruction.VFMADD231PS, notFinite, x, zero);
        });
        reduce(least, VectorInstruction.VMINPS);
        reduce(most, VectorInstruction.VMAXPS);
        reduce(notFinite, VectorInstruction.VADDPS);
    }

    /** Combines all lanes of a vector. */
    private void reduce(VectorRegister v, VectorInstruction op) {
        if (bits == WIDE) {
            a.emit(VectorInstruction.VEXTRACTF64X4, other.as(256), v, 1);
            a.emit(op, v.as(256), v.as(256), other.as(256));
        }
        a.emit(VectorInstruction.VEXTRACTF128, other.as(128), v.as(256), 1);
        a.emit(op, v.as(128), v.as(128), other.as(128));
        for (int swap : new int[] {SWAP_PAIRS, SWAP_NEIGHBOURS}) {
            a.emit(VectorInstruction.VSHUFPS, other.as(128), v.as(128), v.as(128), swap);
            a.emit(op, v.as(128), v.as(128), other.as(128));
        }
    }

    /** The scale and the zero point of a row; a row of zeros has the scale 1. */
    private void scales() {
        VectorRegister ofRow = scale.as(128);
        VectorRegister zeroOfRow = zeroPoint.as(128);
        VectorRegister none = zero.as(128);
        VectorRegister stored = vector(5).as(128);
        a.emit(VectorInstruction.VSUBPS, ofRow, most.as(128), least.as(128));
        a.emit(VectorInstruction.VDIVPS, ofRow, ofRow, greatest.as(128));
        if (bits == WIDE) {
            a.emit(VectorInstruction.VCMPPS_MASK, EMPTY, ofRow, none, EQUAL);
            a.emit(VectorInstruction.VMOVUPS, ofRow.masked(EMPTY), one.as(128));
        } else {
            VectorRegister empty = other.as(128);
            a.emit(VectorInstruction.VCMPPS, empty, ofRow, none, EQUAL);
            a.emit(VectorInstruction.VBLENDVPS, ofRow, ofRow, one.as(128), empty.number() << 4);
        }
        a.emit(VectorInstruction.VSUBPS, zeroOfRow, none, least.as(128));
        a.emit(VectorInstruction.VDIVPS, zeroOfRow, zeroOfRow, ofRow);
        a.emit(VectorInstruction.VCVTPS2DQ, zeroOfRow, zeroOfRow);
        a.emit(VectorInstruction.VADDPS, stored, ofRow, notFinite.as(128));
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(R10, 0), stored);
        a.emit(VectorInstruction.VPSUBD, stored, none, zeroOfRow);
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(R11, 0), stored);
        a.emit(VectorInstruction.VBROADCASTSS, scale, ofRow);
        a.emit(VectorInstruction.VPBROADCASTD, zeroPoint, zeroOfRow);
    }

    private void quantize(boolean words) {
        a.mov(RSI, R9);
        overVectors(last -> {
            load(last);
            a.emit(VectorInstruction.VDIVPS, x, x, scale);
            a.emit(VectorInstruction.VCVTPS2DQ, x, x);
            a.emit(VectorInstruction.VPADDD, x, x, zeroPoint);
            a.emit(VectorInstruction.VPMAXSD, x, x, zero);
            a.emit(VectorInstruction.VPMINSD, x, x, greatestInteger);
            store(last, words);
            a.add(RSI, lanes() * (words ? Short.BYTES : 1));
        });
    }

    /** Stores integers of 0 to 255. Rows are padded, so a last vector that is not whole may be stored whole. */
    private void store(boolean last, boolean words) {
        Address to = Address.at(RSI, 0);
        if (bits == WIDE) {
            a.emit(VectorInstruction.VPMOVDB_STORE, last ? to.masked(LAST) : to, x);
            return;
        }
        VectorRegister low = x.as(128);
        a.emit(VectorInstruction.VEXTRACTI128, other.as(128), x, 1);
        a.emit(VectorInstruction.VPACKUSDW, low, low, other.as(128));
        if (words) {
            a.emit(VectorInstruction.VMOVUPS_STORE, to, low);
            return;
        }
        a.emit(VectorInstruction.VPACKUSWB, low, low, low);
        a.emit(VectorInstruction.VMOVQ_STORE, to, low);
    }
}
