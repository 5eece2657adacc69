package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.GREATEST;
import static dev.tenon.kernel.x64.gemm.TileArgument.LEAST;
import static dev.tenon.kernel.x64.gemm.TileArgument.OTHER_FACTOR;
import static dev.tenon.kernel.x64.gemm.TileArgument.OWN_FACTOR;
import static dev.tenon.kernel.x64.gemm.TileArgument.OWN_ZERO;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.SUM_TERM;

import dev.tenon.asm.Address;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;

/**
 * Sums that become bytes as {@link RequantizingEnds} describes, are added to other bytes in float32, and become bytes again. The
 * bytes in between are never stored. Columns come in whole groups of 16, as bytes are loaded without masks.
 *
 * @param signed whether the results and the other bytes are signed
 * @param first whether the product is the first operand of the sum; the term belongs to the second one
 */
record SummingEnds(boolean signed, boolean first) implements TileEnds {
    private RequantizingEnds bytes() {
        return new RequantizingEnds(signed);
    }

    @Override
    public String results() {
        return bytes().results() + (first ? "_plus" : "_added");
    }

    @Override
    public int resultBytes() {
        return 1;
    }

    @Override
    public int residualBytes() {
        return 1;
    }

    @Override
    public int temporaries() {
        return 3;
    }

    @Override
    public void begin(TileSums t) {
        bytes().begin(t);
    }

    @Override
    public void end(TileSums t) {
        X64Assembler a = t.assembler();
        VectorRegister one = t.left(0);
        VectorRegister two = t.left(1);
        RequantizingEnds.scale(t);
        broadcast(a, one, LEAST);
        broadcast(a, two, GREATEST);
        FloatEnds.each(t, (s, v) -> {
            // A NaN becomes the second operand.
            a.emit(VectorInstruction.VMAXPS, s, s, one);
            a.emit(VectorInstruction.VMINPS, s, s, two);
            a.emit(VectorInstruction.VCVTPS2DQ, s, s);
            a.emit(VectorInstruction.VCVTDQ2PS, s, s);
        });
        broadcast(a, one, OWN_ZERO);
        broadcast(a, two, OWN_FACTOR);
        FloatEnds.each(t, (s, v) -> {
            a.emit(VectorInstruction.VADDPS, s, s, one);
            a.emit(VectorInstruction.VMULPS, s, s, two);
        });
        broadcast(a, two, SUM_TERM);
        if (!first) {
            FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VADDPS, s, s, two));
        }
        broadcast(a, one, OTHER_FACTOR);
        addOther(t, one, two);
        bytes().round(t);
    }

    private static void broadcast(X64Assembler a, VectorRegister to, TileArgument number) {
        a.emit(VectorInstruction.VBROADCASTSS, to, number.address());
    }

    private void addOther(TileSums t, VectorRegister factor, VectorRegister term) {
        X64Assembler a = t.assembler();
        VectorRegister other = t.left(2);
        VectorInstruction widen = signed ? VectorInstruction.VPMOVSXBD : VectorInstruction.VPMOVZXBD;
        a.mov(t.temporary(0), RESIDUAL_TILE.address());
        for (int r = 0; r < t.rows(); r++) {
            for (int v = 0; v < t.vectors(); v++) {
                VectorRegister sum = t.sums(r, v);
                a.emit(widen, other, Address.at(t.temporary(0), v * t.vectorBytes() / Float.BYTES));
                a.emit(VectorInstruction.VCVTDQ2PS, other, other);
                a.emit(VectorInstruction.VMULPS, other, other, factor);
                if (first) {
                    a.emit(VectorInstruction.VADDPS, other, other, term);
                }
                a.emit(VectorInstruction.VADDPS, sum, sum, other);
            }
            a.add(t.temporary(0), RESIDUAL_ROW.address());
        }
    }
}
