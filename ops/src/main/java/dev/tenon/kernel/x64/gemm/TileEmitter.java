package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.A_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.A_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.B_GROUP;
import static dev.tenon.kernel.x64.gemm.TileArgument.B_PANEL;
import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_GROUP;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.GROUPS_LEFT;
import static dev.tenon.kernel.x64.gemm.TileArgument.PREFETCH;
import static dev.tenon.kernel.x64.gemm.TileArgument.PREFETCH_STEP;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_GROUP;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.RESIDUAL_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.SEGMENTS_LEFT;
import static dev.tenon.kernel.x64.gemm.TileArgument.SEGMENT_SKIP;
import static dev.tenon.kernel.x64.gemm.TileArgument.TILES_LEFT;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;

/**
 * Writes a function that computes tiles of a product. A tile has some rows and some vectors of columns, all of whose sums are
 * in registers. The function goes through groups of columns; in each through tiles below each other; in each through the
 * segments of A and their terms, one step of four bytes after the other. So a sum has one order, which depends on nothing but
 * the number of terms.
 *
 * <p>A segment is a run of neighbouring bytes of A. A product has one; a convolution has one for each row of its window.
 */
final class TileEmitter {
    /** The steps of a turn of the loop. */
    static final int UNROLL = 4;

    private static final int STEP_BYTES = 4;
    private static final int PREFETCHED_LINE = 64;
    private static final int ROWS_PER_BASE = 3;

    private final X64Assembler a;
    private final TileProduct product;
    private final TileEnds ends;
    private final int rows;
    private final int vectors;
    private final int panelVectors;

    private final TileSums sums;

    /** The registers of the product: its constants, and then those that it overwrites in the loop over terms. */
    private final VectorRegister[] own;

    private final Gpr aRow;
    private final Gpr panel;
    private final Gpr count;
    private final Gpr[] aBases;
    private final Gpr[] bBases;
    private final Gpr[] temporaries;

    /**
     * An emitter.
     *
     * @param product how terms are multiplied
     * @param ends how sums begin, and where results go
     * @param rows the rows of a tile
     * @param vectors the vectors of columns of a tile, a multiple of those of a panel; or 1 for the last columns
     * @param panelVectors the vectors of columns of a panel of B
     */
    TileEmitter(TileProduct product, TileEnds ends, int rows, int vectors, int panelVectors) {
        a = new X64Assembler(product.needs());
        this.product = product;
        this.ends = ends;
        this.rows = rows;
        this.vectors = vectors;
        this.panelVectors = panelVectors;
        Registers registers = new Registers();
        temporaries = registers.take(TileSums.TEMPORARIES);
        sums = new TileSums(
                a, product.bits(), rows, vectors, product.constants(), temporaries(product, ends), temporaries);
        own = sums.own(product.temporaries());
        count = registers.take();
        aRow = registers.take();
        aBases = registers.take(Math.ceilDiv(rows, ROWS_PER_BASE));
        bBases = registers.take(Math.ceilDiv(Math.max(vectors, panelVectors) / panelVectors, ROWS_PER_BASE));
        panel = registers.take();
    }

    /** The registers besides those of sums, of columns and of constants: for the ends of tiles, or for terms. */
    static int temporaries(TileProduct product, TileEnds ends) {
        return Math.max(ends.temporaries(), 1 + product.temporaries());
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        product.loadConstants(a, own, temporaries[0]);
        sums.copy(TileArgument.B, B_GROUP);
        sums.copy(TileArgument.C, C_GROUP);
        sums.copy(TileArgument.RESIDUAL, RESIDUAL_GROUP);
        sums.copy(TileArgument.GROUPS, GROUPS_LEFT);
        sums.copy(TileArgument.FIRST_COLUMN, COLUMN);
        Label group = new Label();
        a.bind(group);
        sums.loadMasks();
        tiles();
        a.mov(temporaries[0], B_PANEL.address());
        for (int i = 0; i < vectors / panelVectors; i++) {
            sums.advance(B_GROUP, temporaries[0]);
        }
        sums.advance(C_GROUP, vectors * sums.vectorBytes() / Float.BYTES * ends.resultBytes());
        sums.advance(RESIDUAL_GROUP, vectors * sums.vectorBytes() / Float.BYTES * ends.residualBytes());
        sums.advance(COLUMN, vectors * sums.vectorBytes());
        GROUPS_LEFT.countDown(a, count, group);
        Frame.leave(a);
        return a.toBytes();
    }

    private void tiles() {
        sums.copy(TileArgument.A, A_TILE);
        sums.copy(C_GROUP, C_TILE);
        sums.copy(RESIDUAL_GROUP, RESIDUAL_TILE);
        ends.startRows(sums);
        sums.copy(TileArgument.TILES, TILES_LEFT);
        Label tile = new Label();
        a.bind(tile);
        oneTile();
        sums.advanceRows(A_TILE, A_ROW);
        sums.advanceRows(C_TILE, C_ROW);
        sums.advanceRows(RESIDUAL_TILE, RESIDUAL_ROW);
        ends.nextRows(sums);
        TILES_LEFT.countDown(a, count, tile);
    }

    private void oneTile() {
        a.mov(aRow, A_ROW.address());
        bases(aBases, A_TILE, aRow);
        a.mov(panel, B_PANEL.address());
        bases(bBases, B_GROUP, panel);
        ends.begin(sums);
        sums.copy(TileArgument.SEGMENTS, SEGMENTS_LEFT);
        Label segment = new Label();
        Label end = new Label();
        a.bind(segment);
        a.mov(temporaries[0], PREFETCH.address());
        steps(TileArgument.TURNS, UNROLL);
        a.store(PREFETCH.address(), temporaries[0]);
        steps(TileArgument.REST, 1);
        a.mov(count, SEGMENTS_LEFT.address());
        a.sub(count, 1);
        a.jump(Condition.EQUAL, end);
        a.store(SEGMENTS_LEFT.address(), count);
        for (Gpr base : aBases) {
            a.add(base, SEGMENT_SKIP.address());
        }
        a.jmp(segment);
        a.bind(end);
        ends.end(sums);
    }

    /** The bases of rows, or of panels: each serves three of them. */
    private void bases(Gpr[] bases, TileArgument first, Gpr stride) {
        a.mov(bases[0], first.address());
        for (int i = 1; i < bases.length; i++) {
            a.lea(bases[i], Address.at(bases[i - 1], stride, 2, 0));
            a.add(bases[i], stride);
        }
    }

    private static Address element(Gpr[] bases, Gpr stride, int i, int displacement) {
        Gpr base = bases[i / ROWS_PER_BASE];
        int rest = i % ROWS_PER_BASE;
        return rest == 0 ? Address.at(base, displacement) : Address.at(base, stride, rest, displacement);
    }

    /** A loop of turns of some steps. */
    private void steps(TileArgument turns, int unroll) {
        Label turn = new Label();
        Label end = new Label();
        turns.jumpIfZero(a, count, end);
        a.align();
        a.bind(turn);
        for (int step = 0; step < unroll; step++) {
            step(step);
        }
        if (unroll == UNROLL) {
            a.prefetch(Address.at(temporaries[0], 0));
            a.prefetch(Address.at(temporaries[0], PREFETCHED_LINE));
            a.add(temporaries[0], PREFETCH_STEP.address());
        }
        for (Gpr base : aBases) {
            a.add(base, unroll * STEP_BYTES);
        }
        for (Gpr base : bBases) {
            a.add(base, unroll * panelVectors * product.rightBytes());
        }
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(end);
    }

    private void step(int step) {
        int lefts = sums.lefts() - product.temporaries();
        for (int v = 0; v < vectors; v++) {
            int displacement = (step * panelVectors + v % panelVectors) * product.rightBytes();
            product.loadB(a, sums.right(v), element(bBases, panel, v / panelVectors, displacement));
        }
        for (int r = 0; r < rows; r++) {
            VectorRegister each = sums.left((step * rows + r) % lefts);
            product.loadA(a, each, element(aBases, aRow, r, step * STEP_BYTES), own);
            for (int v = 0; v < vectors; v++) {
                product.multiply(a, sums.sums(r, v), each, sums.right(v), own);
            }
        }
    }
}
