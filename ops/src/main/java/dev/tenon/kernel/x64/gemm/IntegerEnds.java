package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.BIAS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_ADDENDS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_SCALES;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_SUMS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN_ZEROS;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESULT_ZERO;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_SCALES;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_SCALE_STEP;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_SUMS;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_ZEROS;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_ZERO_STEP;
import static dev.tenon.kernel.x64.gemm.TileArgument.SCALE_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.SUM_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.ZERO_TILE;

import dev.tenon.asm.Address;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;

/**
 * Sums of products of bytes less their zero points. With za and zb the zero points of a row of A and a column of B, the sum of
 * (a - za)(b - zb) over K terms is the sum of ab, less za times the sum of b, plus zb times (K za less the sum of a). The
 * results are the sums themselves; or float32, scaled and perhaps with an addend, a residual and bounds; or bytes: those
 * floats, clipped and rounded to the nearest integer, ties to even, plus a zero point.
 *
 * @param result what becomes of the sums
 */
record IntegerEnds(Result result) implements TileEnds {
    /** The form in which sums are stored. */
    enum Result {
        /** They are stored as int32. */
        INT32("", 4),
        /** They become float32. */
        FLOAT32("_to_f32", 4),
        /** They are quantised to bytes. Needs AVX-512. */
        BYTE("_to_i8", 1);

        private final String id;
        private final int bytes;

        Result(String id, int bytes) {
            this.id = id;
            this.bytes = bytes;
        }
    }

    @Override
    public String results() {
        return result.id;
    }

    @Override
    public int resultBytes() {
        return result.bytes;
    }

    @Override
    public int temporaries() {
        return 3;
    }

    @Override
    public void startRows(TileSums t) {
        t.copy(ROW_ZEROS, ZERO_TILE);
        t.copy(ROW_SUMS, SUM_TILE);
        t.copy(ROW_SCALES, SCALE_TILE);
    }

    @Override
    public void nextRows(TileSums t) {
        X64Assembler a = t.assembler();
        a.mov(t.temporary(0), ROW_ZERO_STEP.address());
        a.mov(t.temporary(2), ROW_SCALE_STEP.address());
        for (int r = 0; r < t.rows(); r++) {
            t.advance(ZERO_TILE, t.temporary(0));
            t.advance(SCALE_TILE, t.temporary(2));
        }
        a.mov(t.temporary(0), (long) t.rows() * Integer.BYTES);
        t.advance(SUM_TILE, t.temporary(0));
    }

    @Override
    public void begin(TileSums t) {
        X64Assembler a = t.assembler();
        t.ofColumns(COLUMN_SUMS, () -> {
            a.mov(t.temporary(0), ZERO_TILE.address());
            for (int r = 0; r < t.rows(); r++) {
                a.emit(VectorInstruction.VPBROADCASTD, t.left(0), Address.at(t.temporary(0), 0));
                a.add(t.temporary(0), ROW_ZERO_STEP.address());
                for (int v = 0; v < t.vectors(); v++) {
                    a.emit(VectorInstruction.VPMULLD, t.sums(r, v), t.right(v), t.left(0));
                }
            }
        });
        t.ofColumns(BIAS, () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VPADDD, s, s, t.right(v))));
    }

    @Override
    public void end(TileSums t) {
        X64Assembler a = t.assembler();
        t.ofColumns(COLUMN_ZEROS, () -> addColumnZeros(t));
        if (result == Result.INT32) {
            t.storeSums();
            return;
        }
        FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VCVTDQ2PS, s, s));
        t.ifGiven(ROW_SCALES, () -> scaleRows(t));
        t.ofColumns(
                COLUMN_SCALES, () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VMULPS, s, s, t.right(v))));
        t.ofColumns(
                COLUMN_ADDENDS, () -> FloatEnds.each(t, (s, v) -> a.emit(VectorInstruction.VADDPS, s, s, t.right(v))));
        FloatEnds.addResidual(t);
        FloatEnds.clip(t);
        if (result == Result.FLOAT32) {
            t.storeSums();
        } else {
            storeBytes(t);
        }
    }

    private static void addColumnZeros(TileSums t) {
        X64Assembler a = t.assembler();
        a.mov(t.temporary(0), SUM_TILE.address());
        for (int r = 0; r < t.rows(); r++) {
            a.emit(VectorInstruction.VPBROADCASTD, t.left(0), Address.at(t.temporary(0), r * Integer.BYTES));
            for (int v = 0; v < t.vectors(); v++) {
                VectorRegister sum = t.sums(r, v);
                a.emit(VectorInstruction.VPMULLD, t.left(1), t.right(v), t.left(0));
                a.emit(VectorInstruction.VPADDD, sum, sum, t.left(1));
            }
        }
    }

    private static void scaleRows(TileSums t) {
        X64Assembler a = t.assembler();
        a.mov(t.temporary(0), SCALE_TILE.address());
        for (int r = 0; r < t.rows(); r++) {
            a.emit(VectorInstruction.VBROADCASTSS, t.left(0), Address.at(t.temporary(0), 0));
            a.add(t.temporary(0), ROW_SCALE_STEP.address());
            for (int v = 0; v < t.vectors(); v++) {
                a.emit(VectorInstruction.VMULPS, t.sums(r, v), t.sums(r, v), t.left(0));
            }
        }
    }

    private static void storeBytes(TileSums t) {
        X64Assembler a = t.assembler();
        a.emit(VectorInstruction.VPBROADCASTD, t.right(0), RESULT_ZERO.address());
        FloatEnds.each(t, (s, v) -> {
            a.emit(VectorInstruction.VCVTPS2DQ, s, s);
            a.emit(VectorInstruction.VPADDD, s, s, t.right(0));
        });
        a.mov(t.temporary(0), C_TILE.address());
        for (int r = 0; r < t.rows(); r++) {
            for (int v = 0; v < t.vectors(); v++) {
                Address to = Address.at(t.temporary(0), v * t.vectorBytes() / Integer.BYTES);
                a.emit(VectorInstruction.VPMOVDB_STORE, to.masked(t.mask(v)), t.sums(r, v));
            }
            a.add(t.temporary(0), C_ROW.address());
        }
    }
}
