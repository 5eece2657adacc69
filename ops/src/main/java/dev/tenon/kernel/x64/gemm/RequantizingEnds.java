package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.BIAS;
import static dev.tenon.kernel.x64.gemm.TileArgument.CLIPS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_SCALES;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.GREATEST;
import static dev.tenon.kernel.x64.gemm.TileArgument.GROUPS_LEFT;
import static dev.tenon.kernel.x64.gemm.TileArgument.MASKS;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESULT_ZERO;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;

/**
 * Sums that begin with a bias and become bytes: each is made a float32, multiplied by the scale of its column, rounded to the
 * nearest integer, ties to even, and gets a zero point. The result saturates. A NaN becomes the least byte.
 *
 * <p>The conversion to int32 gives the least integer for numbers that are too large or too small, so large ones are clipped
 * first, if there may be any. Saturating instructions then pack int32 into 16 bits and into bytes. They keep the order within
 * 128 bits only, so a last one sorts groups of four bytes.
 *
 * @param signed whether the results are signed
 */
record RequantizingEnds(boolean signed) implements TileEnds {
    private static final int BYTE_MASK = 5;

    /** A vector that holds one row, or two. */
    private static final int WHOLE_ROW = 4;

    @Override
    public String results() {
        return signed ? "_to_s8" : "_to_u8";
    }

    @Override
    public int resultBytes() {
        return 1;
    }

    @Override
    public int temporaries() {
        return 3;
    }

    @Override
    public void begin(TileEmitter t) {
        X64Assembler a = t.assembler();
        t.ofColumns(
                BIAS, () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMOVUPS, s, t.right(v))));
    }

    @Override
    public void end(TileEmitter t) {
        X64Assembler a = t.assembler();
        FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VCVTDQ2PS, s, s));
        t.ofColumns(
                COLUMN_SCALES,
                () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMULPS, s, s, t.right(v))));
        t.ifGiven(CLIPS, () -> {
            a.emit(VectorInstruction.VBROADCASTSS, t.right(0), GREATEST.address());
            FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMINPS, s, t.right(0), s));
        });
        FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VCVTPS2DQ, s, s));
        pack(t);
        if (t.bits() == 512) {
            a.mov(t.temporary(1), MASKS.address());
            a.mov(t.temporary(1), Address.at(t.temporary(1), TileArgument.BYTE_MASKS));
            a.emit(VectorInstruction.KMOVQ, new MaskRegister(BYTE_MASK), t.temporary(1));
            store(t, true);
            return;
        }
        Label last = new Label();
        Label end = new Label();
        a.mov(t.temporary(0), GROUPS_LEFT.address());
        a.cmp(t.temporary(0), 1);
        a.jump(Condition.EQUAL, last);
        store(t, false);
        a.jmp(end);
        a.bind(last);
        a.mov(t.temporary(1), MASKS.address());
        a.emit(VectorInstruction.VMOVUPS, t.left(0), Address.at(t.temporary(1), TileArgument.BYTE_MASKS));
        store(t, true);
        a.bind(end);
    }

    /** Rows of a vector of packed bytes. */
    private static int rowsTogether(TileEmitter t) {
        return t.vectors() == WHOLE_ROW ? 1 : 2;
    }

    /** Packs the sums of a row, or of two, into the first register of the row. */
    private void pack(TileEmitter t) {
        X64Assembler a = t.assembler();
        VectorInstruction narrow = signed ? VectorInstruction.VPACKSSWB : VectorInstruction.VPACKUSWB;
        VectorRegister zero = t.left(0);
        VectorRegister order = t.left(1);
        a.emit(VectorInstruction.VPBROADCASTD, zero, RESULT_ZERO.address());
        a.emit(VectorInstruction.VMOVUPS, order, Address.at(Frame.BLOCK, TileArgument.BYTE_ORDER_OFFSET));
        for (int r = 0; r < t.rows(); r++) {
            for (int v = 0; v < t.vectors(); v += 2) {
                a.emit(VectorInstruction.VPACKSSDW, t.sums(r, v), t.sums(r, v), t.sums(r, v + 1));
                a.emit(VectorInstruction.VPADDSW, t.sums(r, v), t.sums(r, v), zero);
            }
        }
        int together = rowsTogether(t);
        for (int r = 0; r < t.rows(); r += together) {
            VectorRegister other =
                    together == 1 ? t.sums(r, 2) : r + 1 < t.rows() ? t.sums(r + 1, 0) : t.sums(r, 0);
            a.emit(narrow, t.sums(r, 0), t.sums(r, 0), other);
            a.emit(VectorInstruction.VPERMD, t.sums(r, 0), order, t.sums(r, 0));
        }
    }

    private static void store(TileEmitter t, boolean masked) {
        X64Assembler a = t.assembler();
        int together = rowsTogether(t);
        int bits = t.bits() / together;
        a.mov(t.temporary(0), C_TILE.address());
        for (int r = 0; r < t.rows(); r++) {
            VectorRegister row = t.sums(r, 0).as(bits);
            if (together == 2 && r % 2 == 1) {
                VectorRegister both = t.sums(r - 1, 0);
                a.emit(
                        t.bits() == 512 ? VectorInstruction.VEXTRACTF64X4 : VectorInstruction.VEXTRACTI128,
                        row,
                        both,
                        1);
            }
            Address to = Address.at(t.temporary(0), 0);
            if (t.bits() == 512) {
                a.emit(VectorInstruction.VMOVDQU8_STORE, to.masked(new MaskRegister(BYTE_MASK)), row);
            } else if (masked) {
                a.emit(VectorInstruction.VMASKMOVPS_STORE, to, t.left(0).as(bits), row);
            } else {
                a.emit(VectorInstruction.VMOVUPS_STORE, to, row);
            }
            a.add(t.temporary(0), C_ROW.address());
        }
    }
}
