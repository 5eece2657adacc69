package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.BIAS;
import static dev.tenon.kernel.x64.gemm.TileArgument.CLIPS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_SCALES;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.GREATEST;
import static dev.tenon.kernel.x64.gemm.TileArgument.MASKS;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESULT_ZERO;
import static dev.tenon.kernel.x64.gemm.TileArgument.UNMASKED_GROUPS;

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

    /** The vectors of sums that become one of bytes. */
    private static final int PACKED = 4;

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
    public void begin(TileSums t) {
        X64Assembler a = t.assembler();
        t.ofColumns(BIAS, () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMOVUPS, s, t.right(v))));
    }

    @Override
    public void end(TileSums t) {
        X64Assembler a = t.assembler();
        scale(t);
        t.ifGiven(CLIPS, () -> {
            a.emit(VectorInstruction.VBROADCASTSS, t.right(0), GREATEST.address());
            FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMINPS, s, t.right(0), s));
        });
        round(t);
    }

    /** Code that makes sums floats and multiplies them by the scales of their columns. */
    static void scale(TileSums t) {
        X64Assembler a = t.assembler();
        FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VCVTDQ2PS, s, s));
        t.ofColumns(
                COLUMN_SCALES, () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMULPS, s, s, t.right(v))));
    }

    /** Code that rounds scaled sums, which an int32 holds, adds the zero point, and stores bytes. */
    void round(TileSums t) {
        X64Assembler a = t.assembler();
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
        a.mov(t.temporary(0), UNMASKED_GROUPS.address());
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

    /** The rows whose bytes fill a vector. */
    private static int rowsTogether(TileSums t) {
        return PACKED / t.vectors();
    }

    /** Packs the sums of as many rows as fill a vector into the first register of the first row. */
    private void pack(TileSums t) {
        X64Assembler a = t.assembler();
        VectorInstruction narrow = signed ? VectorInstruction.VPACKSSWB : VectorInstruction.VPACKUSWB;
        VectorRegister zero = t.left(0);
        VectorRegister order = t.left(1);
        a.emit(VectorInstruction.VPBROADCASTD, zero, RESULT_ZERO.address());
        a.emit(VectorInstruction.VMOVUPS, order, Address.at(Frame.BLOCK, TileArgument.BYTE_ORDER_OFFSET));
        int sums = t.rows() * t.vectors();
        for (int i = 0; i < sums; i += 2) {
            VectorRegister first = sum(t, i);
            a.emit(VectorInstruction.VPACKSSDW, first, first, sum(t, Math.min(i + 1, sums - 1)));
            a.emit(VectorInstruction.VPADDSW, first, first, zero);
        }
        for (int i = 0; i < sums; i += PACKED) {
            VectorRegister first = sum(t, i);
            a.emit(narrow, first, first, i + 2 < sums ? sum(t, i + 2) : first);
            a.emit(VectorInstruction.VPERMD, first, order, first);
        }
    }

    private static VectorRegister sum(TileSums t, int index) {
        return t.sums(index / t.vectors(), index % t.vectors());
    }

    private static void store(TileSums t, boolean masked) {
        X64Assembler a = t.assembler();
        int together = rowsTogether(t);
        int bits = t.bits() / together;
        a.mov(t.temporary(0), C_TILE.address());
        for (int r = 0; r < t.rows(); r++) {
            VectorRegister row = t.sums(r, 0).as(bits);
            if (r % together > 0) {
                VectorRegister all = t.sums(r - r % together, 0);
                a.emit(
                        bits == 256 ? VectorInstruction.VEXTRACTF64X4 : VectorInstruction.VEXTRACTI128,
                        row,
                        all,
                        r % together);
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
