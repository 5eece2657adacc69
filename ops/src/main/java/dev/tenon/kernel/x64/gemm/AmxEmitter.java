package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.A;
import static dev.tenon.kernel.x64.gemm.TileArgument.A_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.B;
import static dev.tenon.kernel.x64.gemm.TileArgument.B_GROUP;
import static dev.tenon.kernel.x64.gemm.TileArgument.B_PANEL;
import static dev.tenon.kernel.x64.gemm.TileArgument.C;
import static dev.tenon.kernel.x64.gemm.TileArgument.CHUNKS;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_GROUP;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.FIRST_COLUMN;
import static dev.tenon.kernel.x64.gemm.TileArgument.GROUPS;
import static dev.tenon.kernel.x64.gemm.TileArgument.GROUPS_LEFT;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_GROUP;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.REST_MASK;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROWS;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_SCALES;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_SCALE_STEP;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_SUMS;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_ZEROS;
import static dev.tenon.kernel.x64.gemm.TileArgument.ROW_ZERO_STEP;
import static dev.tenon.kernel.x64.gemm.TileArgument.SEGMENTS;
import static dev.tenon.kernel.x64.gemm.TileArgument.SEGMENTS_LEFT;
import static dev.tenon.kernel.x64.gemm.TileArgument.SEGMENT_SKIP;
import static dev.tenon.kernel.x64.gemm.TileArgument.TILES_LEFT;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.TileRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;

/**
 * Writes a function that computes a product in the tile registers of AMX. A tile has one or two tile registers of rows, and one
 * or two of 16 columns. The function goes through tiles below each other; in each through groups of columns; in each through
 * the segments of A and their chunks of 64 bytes. The sums of a tile start from zero, go to memory and from there, some rows at
 * a time, into vectors, where {@link TileEnds} add what sums begin with and make results of them.
 *
 * <p>Bytes of a row after its last whole chunk are copied next to zeros, since tile registers have one shape in a function, and
 * nothing after a row may be read. B is padded with zeros. The state of tiles belongs to a thread of the system, so a function
 * sets their shapes and gives them up.
 */
final class AmxEmitter {
    /** The rows of a tile register, and the columns of one that holds sums. */
    static final int SIDE = 16;

    /** The bytes of a row of a tile register. */
    static final int CHUNK_BYTES = 64;

    /** The rows of sums that vectors hold at once; rows that are left follow one by one. */
    private static final int ROWS_TOGETHER = 8;

    private static final int BITS = 512;
    private static final int TILE_BYTES = SIDE * CHUNK_BYTES;
    private static final MaskRegister REST = new MaskRegister(1);

    /** The tile registers hold sums, then A, then B. */
    private static final int FIRST_LEFT = 4;

    private static final int FIRST_RIGHT = 6;
    private static final int REGISTERS = 8;

    private final X64Assembler a;
    private final AmxProduct product;
    private final TileEnds ends;
    private final int rowTiles;
    private final int columnTiles;
    private final TileSums together;
    private final TileSums single;
    private final Gpr[] temporaries;
    private final Gpr[] left;
    private final Gpr[] right;
    private final Gpr leftRow;
    private final Gpr rightRow;
    private final Gpr count;

    /**
     * An emitter.
     *
     * @param product how terms are multiplied
     * @param ends how sums begin, and where results go
     * @param rowTiles the tile registers of rows of a tile, 1 or 2
     * @param columnTiles the tile registers of columns of a tile, 1 or 2
     */
    AmxEmitter(AmxProduct product, TileEnds ends, int rowTiles, int columnTiles) {
        a = new X64Assembler(product.needs());
        this.product = product;
        this.ends = ends;
        this.rowTiles = rowTiles;
        this.columnTiles = columnTiles;
        Registers registers = new Registers();
        temporaries = registers.take(TileSums.TEMPORARIES);
        together = new TileSums(a, BITS, ROWS_TOGETHER, columnTiles, 0, ends.temporaries(), temporaries);
        single = new TileSums(a, BITS, 1, columnTiles, 0, ends.temporaries(), temporaries);
        left = registers.take(rowTiles);
        right = registers.take(columnTiles);
        leftRow = registers.take();
        rightRow = registers.take();
        count = registers.take();
    }

    private static TileRegister sums(int row, int column) {
        return new TileRegister(2 * row + column);
    }

    /**
     * The rows of each tile register.
     *
     * @param rows the rows of a tile, 1 to 32
     * @param columnTiles the tile registers of columns, 1 or 2
     * @return eight numbers, 0 for registers that are not used. A row has {@link #CHUNK_BYTES} in all others
     */
    static int[] rows(int rows, int columnTiles) {
        int[] all = new int[REGISTERS];
        for (int row = 0; row * SIDE < rows; row++) {
            int own = Math.min(SIDE, rows - row * SIDE);
            all[FIRST_LEFT + row] = own;
            for (int column = 0; column < columnTiles; column++) {
                all[sums(row, column).number()] = own;
                all[FIRST_RIGHT + column] = SIDE;
            }
        }
        return all;
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        a.ldtilecfg(Address.at(Frame.BLOCK, TileArgument.SHAPES_OFFSET));
        single.copy(TileArgument.TILES, TILES_LEFT);
        Label tile = new Label();
        a.bind(tile);
        copyRests();
        groups();
        nextTile();
        TILES_LEFT.countDown(a, count, tile);
        a.tilerelease();
        Frame.leave(a);
        return a.toBytes();
    }

    /** Copies what rows have after their last chunk, with zeros up to a chunk. */
    private void copyRests() {
        single.ifGiven(REST_MASK, () -> {
            Gpr from = left[0];
            Gpr to = right[0];
            VectorRegister rest = VectorRegister.zmm(0);
            a.emit(VectorInstruction.KMOVW, REST, temporaries[0]);
            a.mov(from, CHUNKS.address());
            a.shl(from, Integer.numberOfTrailingZeros(CHUNK_BYTES));
            a.add(from, A.address());
            a.lea(to, Address.at(Frame.BLOCK, TileArgument.TILE_REST_OFFSET));
            a.mov(count, ROWS.address());
            Label row = new Label();
            a.bind(row);
            a.emit(VectorInstruction.VMOVUPS, rest.zeroed(REST), Address.at(from, 0));
            a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(to, 0), rest);
            a.add(from, A_ROW.address());
            a.add(to, CHUNK_BYTES);
            a.sub(count, 1);
            a.jump(Condition.NOT_EQUAL, row);
        });
    }

    private void groups() {
        single.copy(B, B_GROUP);
        single.copy(C, C_GROUP);
        single.copy(RESIDUAL, RESIDUAL_GROUP);
        single.copy(GROUPS, GROUPS_LEFT);
        single.copy(FIRST_COLUMN, COLUMN);
        Label group = new Label();
        a.bind(group);
        products();
        single.loadMasks();
        results();
        a.mov(temporaries[0], B_PANEL.address());
        for (int i = 0; i < columnTiles; i++) {
            single.advance(B_GROUP, temporaries[0]);
        }
        single.advance(C_GROUP, columnTiles * SIDE * ends.resultBytes());
        single.advance(RESIDUAL_GROUP, columnTiles * SIDE * Float.BYTES);
        single.advance(COLUMN, columnTiles * SIDE * Integer.BYTES);
        GROUPS_LEFT.countDown(a, count, group);
    }

    /** The arguments of rows go to the next tile. */
    private void nextTile() {
        move(A, A_ROW);
        move(C, C_ROW);
        single.ifGiven(RESIDUAL, () -> move(RESIDUAL, RESIDUAL_ROW));
        move(ROW_ZEROS, ROW_ZERO_STEP);
        single.ifGiven(ROW_SCALES, () -> move(ROW_SCALES, ROW_SCALE_STEP));
        a.mov(temporaries[0], ROWS.address());
        a.shl(temporaries[0], Integer.numberOfTrailingZeros(Integer.BYTES));
        single.advance(ROW_SUMS, temporaries[0]);
    }

    private void move(TileArgument argument, TileArgument step) {
        a.mov(temporaries[0], ROWS.address());
        a.imul(temporaries[0], step.address());
        single.advance(argument, temporaries[0]);
    }

    /** The products of a tile, which end in memory. */
    private void products() {
        for (int row = 0; row < rowTiles; row++) {
            for (int column = 0; column < columnTiles; column++) {
                a.tilezero(sums(row, column));
            }
        }
        a.mov(leftRow, A_ROW.address());
        a.mov(left[0], A.address());
        lowerRows();
        a.mov(rightRow, (long) CHUNK_BYTES);
        a.mov(right[0], B_GROUP.address());
        for (int column = 1; column < columnTiles; column++) {
            a.mov(right[column], right[column - 1]);
            a.add(right[column], B_PANEL.address());
        }
        segments();
        a.lea(left[0], Address.at(Frame.BLOCK, TileArgument.TILE_SUMS_OFFSET));
        a.mov(leftRow, (long) columnTiles * CHUNK_BYTES);
        for (int row = 0; row < rowTiles; row++) {
            for (int column = 0; column < columnTiles; column++) {
                int at = (row * SIDE * columnTiles + column) * CHUNK_BYTES;
                a.emit(VectorInstruction.TILESTORED, Address.at(left[0], leftRow, 1, at), sums(row, column));
            }
        }
    }

    /** The address of the rows of the second tile register of A, from that of the first and the step. */
    private void lowerRows() {
        for (int row = 1; row < rowTiles; row++) {
            a.mov(left[row], leftRow);
            a.shl(left[row], Integer.numberOfTrailingZeros(SIDE));
            a.add(left[row], left[row - 1]);
        }
    }

    private void segments() {
        single.copy(SEGMENTS, SEGMENTS_LEFT);
        Label segment = new Label();
        Label chunk = new Label();
        Label rest = new Label();
        a.bind(segment);
        CHUNKS.jumpIfZero(a, count, rest);
        a.align();
        a.bind(chunk);
        chunk();
        for (Gpr each : left) {
            a.add(each, CHUNK_BYTES);
        }
        for (Gpr each : right) {
            a.add(each, TILE_BYTES);
        }
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, chunk);
        for (Gpr each : left) {
            a.add(each, SEGMENT_SKIP.address());
        }
        SEGMENTS_LEFT.countDown(a, count, segment);
        a.bind(rest);
        single.ifGiven(REST_MASK, () -> {
            a.lea(left[0], Address.at(Frame.BLOCK, TileArgument.TILE_REST_OFFSET));
            a.mov(leftRow, (long) CHUNK_BYTES);
            lowerRows();
            chunk();
        });
    }

    private void chunk() {
        for (int row = 0; row < rowTiles; row++) {
            TileRegister a0 = new TileRegister(FIRST_LEFT + row);
            a.emit(VectorInstruction.TILELOADD, a0, Address.at(left[row], leftRow, 1, 0));
            for (int column = 0; column < columnTiles; column++) {
                TileRegister b0 = new TileRegister(FIRST_RIGHT + column);
                if (row == 0) {
                    a.emit(VectorInstruction.TILELOADD, b0, Address.at(right[column], rightRow, 1, 0));
                }
                a.emit(product.multiply(), sums(row, column), a0, b0);
            }
        }
    }

    /** Makes results of the sums in memory. */
    private void results() {
        single.copy(C_GROUP, C_TILE);
        single.copy(RESIDUAL_GROUP, RESIDUAL_TILE);
        ends.startRows(single);
        a.lea(left[0], Address.at(Frame.BLOCK, TileArgument.TILE_SUMS_OFFSET));
        a.mov(count, ROWS.address());
        rowsOf(together);
        rowsOf(single);
    }

    /** A loop over as many rows as fill the registers of these sums. */
    private void rowsOf(TileSums t) {
        Label loop = new Label();
        Label end = new Label();
        a.bind(loop);
        a.cmp(count, t.rows());
        a.jump(Condition.LESS, end);
        ends.begin(t);
        for (int r = 0; r < t.rows(); r++) {
            for (int v = 0; v < t.vectors(); v++) {
                Address from = Address.at(left[0], (r * t.vectors() + v) * CHUNK_BYTES);
                a.emit(product.add(), t.sums(r, v), t.sums(r, v), from);
            }
        }
        ends.end(t);
        t.advanceRows(C_TILE, C_ROW);
        t.advanceRows(RESIDUAL_TILE, RESIDUAL_ROW);
        ends.nextRows(t);
        a.add(left[0], t.rows() * t.vectors() * CHUNK_BYTES);
        a.sub(count, t.rows());
        a.jmp(loop);
        a.bind(end);
    }
}
