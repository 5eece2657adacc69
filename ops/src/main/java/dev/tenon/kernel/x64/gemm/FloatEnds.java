package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.BIAS;
import static dev.tenon.kernel.x64.gemm.TileArgument.CLIPS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_ADDENDS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_SCALES;
import static dev.tenon.kernel.x64.gemm.TileArgument.CONTINUES;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.GREATEST;
import static dev.tenon.kernel.x64.gemm.TileArgument.LEAST;
import static dev.tenon.kernel.x64.gemm.TileArgument.OWN_FACTOR;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_TILE;

import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;

/**
 * Sums of float32 that begin with a bias, or go on from the result, and may get a residual and bounds.
 *
 * @param scaled whether sums are multiplied first, by one factor and then by that of the column, and get a number of the column
 */
record FloatEnds(boolean scaled) implements TileEnds {
    /** Ends without factors. */
    FloatEnds() {
        this(false);
    }

    @Override
    public String results() {
        return scaled ? "_scaled" : "";
    }

    @Override
    public int resultBytes() {
        return Float.BYTES;
    }

    @Override
    public boolean takesSingleVectors() {
        return true;
    }

    @Override
    public boolean hasNumbersOfRows() {
        return false;
    }

    @Override
    public int temporaries() {
        return 1;
    }

    @Override
    public void begin(TileSums t) {
        X64Assembler a = t.assembler();
        Label ready = new Label();
        t.ifGiven(CONTINUES, () -> {
            t.overRows(C_TILE, C_ROW, (r, v, from) -> t.load(t.sums(r, v), from, v));
            a.jmp(ready);
        });
        t.ofColumns(BIAS, () -> {
            each(t, (sum, v) -> a.emit(VectorInstruction.VMOVUPS, sum, t.right(v)));
            a.jmp(ready);
        });
        each(t, (sum, v) -> a.emit(VectorInstruction.VXORPS, sum, sum, sum));
        a.bind(ready);
    }

    @Override
    public void end(TileSums t) {
        if (scaled) {
            scale(t);
        }
        addResidual(t);
        clip(t);
        t.storeSums();
    }

    private static void scale(TileSums t) {
        X64Assembler a = t.assembler();
        a.emit(VectorInstruction.VBROADCASTSS, t.left(0), OWN_FACTOR.address());
        each(t, (sum, v) -> a.emit(VectorInstruction.VMULPS, sum, sum, t.left(0)));
        t.ofColumns(COLUMN_SCALES, () -> each(t, (sum, v) -> a.emit(VectorInstruction.VMULPS, sum, sum, t.right(v))));
        t.ofColumns(COLUMN_ADDENDS, () -> each(t, (sum, v) -> a.emit(VectorInstruction.VADDPS, sum, sum, t.right(v))));
    }

    /** Code that adds a matrix, if there is one. */
    static void addResidual(TileSums t) {
        X64Assembler a = t.assembler();
        t.ifGiven(
                RESIDUAL,
                () -> t.overRows(RESIDUAL_TILE, RESIDUAL_ROW, (r, v, from) -> {
                    VectorRegister sum = t.sums(r, v);
                    t.load(t.right(0), from, v);
                    a.emit(VectorInstruction.VADDPS, sum, sum, t.right(0));
                }));
    }

    /** Code that clips the sums, if they have bounds. A NaN stays. */
    static void clip(TileSums t) {
        X64Assembler a = t.assembler();
        t.ifGiven(CLIPS, () -> {
            a.emit(VectorInstruction.VBROADCASTSS, t.right(0), LEAST.address());
            a.emit(VectorInstruction.VBROADCASTSS, t.left(0), GREATEST.address());
            each(t, (sum, v) -> {
                a.emit(VectorInstruction.VMAXPS, sum, t.right(0), sum);
                a.emit(VectorInstruction.VMINPS, sum, t.left(0), sum);
            });
        });
    }

    /** Code for one vector of sums. */
    interface OnSums {
        void emit(VectorRegister sums, int vector);
    }

    static void each(TileSums t, OnSums body) {
        for (int r = 0; r < t.rows(); r++) {
            for (int v = 0; v < t.vectors(); v++) {
                body.emit(t.sums(r, v), v);
            }
        }
    }
}
