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
import static dev.tenon.kernel.x64.gemm.TileArgument.MASKS;
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
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

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
    private static final int VECTORS_512 = 32;
    private static final int VECTORS_256 = 16;

    private final X64Assembler a;
    private final TileProduct product;
    private final TileEnds ends;
    private final int rows;
    private final int vectors;
    private final int panelVectors;

    private final VectorRegister[] sums;
    private final VectorRegister[] right;
    private final VectorRegister[] left;
    private final VectorRegister[] constants;
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
        int total = product.bits() == 512 ? VECTORS_512 : VECTORS_256;
        int used = rows * vectors + vectors + product.constants();
        if (used + ends.temporaries() > total) {
            throw new IllegalStateException("a tile of " + rows + " rows and " + vectors + " vectors needs "
                    + (used + ends.temporaries()) + " registers of " + total);
        }
        sums = vectorRegisters(0, rows * vectors);
        right = vectorRegisters(rows * vectors, vectors);
        constants = vectorRegisters(rows * vectors + vectors, product.constants());
        left = vectorRegisters(used, total - used);
        Registers registers = new Registers();
        count = registers.take();
        aRow = registers.take();
        aBases = registers.take(Math.ceilDiv(rows, ROWS_PER_BASE));
        bBases = registers.take(Math.ceilDiv(Math.max(vectors, panelVectors) / panelVectors, ROWS_PER_BASE));
        panel = registers.take();
        temporaries = registers.take(3);
    }

    private VectorRegister[] vectorRegisters(int first, int number) {
        return IntStream.range(first, first + number)
                .mapToObj(i -> new VectorRegister(i, product.bits(), 0, false))
                .toArray(VectorRegister[]::new);
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        product.loadConstants(a, constants, temporaries[0]);
        copy(TileArgument.B, B_GROUP);
        copy(TileArgument.C, C_GROUP);
        copy(TileArgument.RESIDUAL, RESIDUAL_GROUP);
        copy(TileArgument.GROUPS, GROUPS_LEFT);
        copy(TileArgument.FIRST_COLUMN, COLUMN);
        Label group = new Label();
        a.bind(group);
        loadMasks();
        tiles();
        a.mov(temporaries[0], B_PANEL.address());
        for (int i = 0; i < vectors / panelVectors; i++) {
            advance(B_GROUP, temporaries[0]);
        }
        advance(C_GROUP, vectors * vectorBytes() / Float.BYTES * ends.resultBytes());
        advance(RESIDUAL_GROUP, vectors * vectorBytes() / Float.BYTES * ends.residualBytes());
        advance(COLUMN, vectors * vectorBytes());
        repeat(GROUPS_LEFT, group);
        Frame.leave(a);
        return a.toBytes();
    }

    private void tiles() {
        copy(TileArgument.A, A_TILE);
        copy(C_GROUP, C_TILE);
        copy(RESIDUAL_GROUP, RESIDUAL_TILE);
        ends.startRows(this);
        copy(TileArgument.TILES, TILES_LEFT);
        Label tile = new Label();
        a.bind(tile);
        oneTile();
        advanceRows(A_TILE, A_ROW);
        advanceRows(C_TILE, C_ROW);
        advanceRows(RESIDUAL_TILE, RESIDUAL_ROW);
        ends.nextRows(this);
        repeat(TILES_LEFT, tile);
    }

    private void oneTile() {
        a.mov(aRow, A_ROW.address());
        bases(aBases, A_TILE, aRow);
        a.mov(panel, B_PANEL.address());
        bases(bBases, B_GROUP, panel);
        ends.begin(this);
        copy(TileArgument.SEGMENTS, SEGMENTS_LEFT);
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
        ends.end(this);
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
        a.mov(count, turns.address());
        a.test(count);
        a.jump(Condition.EQUAL, end);
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
            a.add(base, unroll * panelVectors * vectorBytes());
        }
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(end);
    }

    private void step(int step) {
        for (int v = 0; v < vectors; v++) {
            int displacement = (step * panelVectors + v % panelVectors) * vectorBytes();
            a.emit(VectorInstruction.VMOVUPS, right[v], element(bBases, panel, v / panelVectors, displacement));
        }
        for (int r = 0; r < rows; r++) {
            VectorRegister each = left[(step * rows + r) % left.length];
            product.loadA(a, each, element(aBases, aRow, r, step * STEP_BYTES), constants);
            for (int v = 0; v < vectors; v++) {
                product.multiply(a, sums(r, v), each, right[v]);
            }
        }
    }

    private void loadMasks() {
        Label whole = new Label();
        a.mov(temporaries[0], GROUPS_LEFT.address());
        a.lea(temporaries[1], Address.at(Frame.BLOCK, TileArgument.WHOLE_MASKS_OFFSET));
        a.cmp(temporaries[0], 1);
        a.jump(Condition.NOT_EQUAL, whole);
        a.lea(temporaries[1], TileArgument.LAST_MASKS.address());
        a.bind(whole);
        a.store(MASKS.address(), temporaries[1]);
        for (int v = 0; v < vectors && product.bits() == 512; v++) {
            a.mov32(temporaries[0], Address.at(temporaries[1], v * Integer.BYTES));
            a.emit(VectorInstruction.KMOVW, mask(v), temporaries[0]);
        }
    }

    private void repeat(TileArgument counter, Label loop) {
        a.mov(count, counter.address());
        a.sub(count, 1);
        a.store(counter.address(), count);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    // For the ends of tiles.

    X64Assembler assembler() {
        return a;
    }

    int rows() {
        return rows;
    }

    int vectors() {
        return vectors;
    }

    int bits() {
        return product.bits();
    }

    int vectorBytes() {
        return product.bits() / Byte.SIZE;
    }

    VectorRegister sums(int row, int vector) {
        return sums[row * vectors + vector];
    }

    /** A register for a vector of numbers of the columns. Free outside of the loop over terms. */
    VectorRegister right(int vector) {
        return right[vector];
    }

    /** A register that is free outside of the loop over terms. */
    VectorRegister left(int i) {
        return left[i];
    }

    /** One of three general-purpose registers that are free outside of the loop over terms. */
    Gpr temporary(int i) {
        return temporaries[i];
    }

    MaskRegister mask(int vector) {
        return new MaskRegister(vector + 1);
    }

    void copy(TileArgument from, TileArgument to) {
        a.mov(temporaries[1], from.address());
        a.store(to.address(), temporaries[1]);
    }

    /** Adds a register to a variable. */
    void advance(TileArgument variable, Gpr bytes) {
        a.mov(temporaries[1], variable.address());
        a.add(temporaries[1], bytes);
        a.store(variable.address(), temporaries[1]);
    }

    /** Adds the bytes of all rows of a tile to a variable. */
    private void advanceRows(TileArgument variable, TileArgument rowBytes) {
        a.mov(temporaries[0], (long) rows);
        a.imul(temporaries[0], rowBytes.address());
        advance(variable, temporaries[0]);
    }

    private void advance(TileArgument variable, int bytes) {
        a.mov(temporaries[1], variable.address());
        a.add(temporaries[1], bytes);
        a.store(variable.address(), temporaries[1]);
    }

    /** Code that runs only if an argument is not 0. */
    void ifGiven(TileArgument argument, Runnable body) {
        Label end = new Label();
        a.mov(temporaries[0], argument.address());
        a.test(temporaries[0]);
        a.jump(Condition.EQUAL, end);
        body.run();
        a.bind(end);
    }

    /**
     * Loads numbers of the columns into {@link #right}, if they are given.
     *
     * @param argument the address of the numbers of all columns, 4 bytes each
     * @param body code that uses them
     */
    void ofColumns(TileArgument argument, Runnable body) {
        ifGiven(argument, () -> {
            a.add(temporaries[0], COLUMN.address());
            for (int v = 0; v < vectors; v++) {
                load(right[v], Address.at(temporaries[0], v * vectorBytes()), v);
            }
            body.run();
        });
    }

    /** Loads the elements of a vector of columns that exist; the others become 0. */
    void load(VectorRegister to, Address from, int vector) {
        if (product.bits() == 512) {
            a.emit(VectorInstruction.VMOVUPS, to.zeroed(mask(vector)), from);
        } else {
            a.mov(temporaries[1], MASKS.address());
            VectorRegister mask = left[left.length - 1];
            a.emit(VectorInstruction.VMOVUPS, mask, Address.at(temporaries[1], vector * vectorBytes()));
            a.emit(VectorInstruction.VMASKMOVPS, to, mask, from);
        }
    }

    /** Stores the elements of a vector of columns that exist. */
    private void store(Address to, VectorRegister from, int vector, boolean whole) {
        if (product.bits() == 512) {
            a.emit(VectorInstruction.VMOVUPS_STORE, to.masked(mask(vector)), from);
        } else if (whole) {
            a.emit(VectorInstruction.VMOVUPS_STORE, to, from);
        } else {
            a.mov(temporaries[1], MASKS.address());
            VectorRegister mask = left[left.length - 1];
            a.emit(VectorInstruction.VMOVUPS, mask, Address.at(temporaries[1], vector * vectorBytes()));
            a.emit(VectorInstruction.VMASKMOVPS_STORE, to, mask, from);
        }
    }

    /** Stores all sums, 4 bytes each. */
    void storeSums() {
        Label last = new Label();
        Label end = new Label();
        if (product.bits() != 512) {
            a.mov(temporaries[0], GROUPS_LEFT.address());
            a.cmp(temporaries[0], 1);
            a.jump(Condition.EQUAL, last);
            storeSums(true);
            a.jmp(end);
        }
        a.bind(last);
        storeSums(false);
        a.bind(end);
    }

    private void storeSums(boolean whole) {
        overRows(C_TILE, C_ROW, r -> v -> to -> store(to, sums(r, v), v, whole));
    }

    /** Code for one vector at an address. */
    interface AtAddress {
        void emit(Address address);
    }

    /** Code for each vector of a matrix that has the shape of the result; its address is in {@link #temporary} 0. */
    void overRows(TileArgument start, TileArgument rowBytes, IntFunction<IntFunction<AtAddress>> body) {
        a.mov(temporaries[0], start.address());
        for (int r = 0; r < rows; r++) {
            for (int v = 0; v < vectors; v++) {
                body.apply(r).apply(v).emit(Address.at(temporaries[0], v * vectorBytes()));
            }
            a.add(temporaries[0], rowBytes.address());
        }
    }
}
