package dev.tenon.kernel.x64.gemm;

import static dev.tenon.kernel.x64.gemm.TileArgument.COLUMN;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_ROW;
import static dev.tenon.kernel.x64.gemm.TileArgument.C_TILE;
import static dev.tenon.kernel.x64.gemm.TileArgument.GROUPS_LEFT;
import static dev.tenon.kernel.x64.gemm.TileArgument.MASKS;
import static dev.tenon.kernel.x64.gemm.TileArgument.UNMASKED_GROUPS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import java.util.Arrays;

/**
 * The sums of some rows and vectors of columns in vector registers, and the code that {@link TileEnds} are made of: loads and
 * stores of columns that exist, and variables in the block of arguments.
 */
final class TileSums {
    /** The general-purpose registers that this code uses. */
    static final int TEMPORARIES = 3;

    private static final int VECTORS_512 = 32;
    private static final int VECTORS_256 = 16;

    private final X64Assembler a;
    private final int bits;
    private final int rows;
    private final int vectors;
    private final VectorRegister[] sums;
    private final VectorRegister[] right;
    private final VectorRegister[] constants;
    private final VectorRegister[] left;
    private final Gpr[] temporaries;

    /**
     * The sums of a tile.
     *
     * @param a the assembler of the function
     * @param bits the width of a vector
     * @param rows the rows of the tile
     * @param vectors the vectors of columns of the tile
     * @param constants the registers that hold constants
     * @param others the number of registers that code needs besides
     * @param temporaries {@link #TEMPORARIES} general-purpose registers
     * @throws IllegalStateException if the registers do not suffice
     */
    TileSums(X64Assembler a, int bits, int rows, int vectors, int constants, int others, Gpr... temporaries) {
        this.a = a;
        this.bits = bits;
        this.rows = rows;
        this.vectors = vectors;
        this.temporaries = temporaries.clone();
        int total = bits == 512 ? VECTORS_512 : VECTORS_256;
        int used = rows * vectors + vectors + constants;
        if (used + others > total) {
            throw new IllegalStateException("a tile of " + rows + " rows and " + vectors + " vectors needs "
                    + (used + others) + " registers of " + total);
        }
        sums = VectorRegister.range(0, rows * vectors, bits);
        right = VectorRegister.range(rows * vectors, vectors, bits);
        this.constants = VectorRegister.range(rows * vectors + vectors, constants, bits);
        left = VectorRegister.range(used, total - used, bits);
    }

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
        return bits;
    }

    int vectorBytes() {
        return bits / Byte.SIZE;
    }

    VectorRegister sums(int row, int vector) {
        return sums[row * vectors + vector];
    }

    /** A register for a vector of numbers of the columns. Free outside of the loop over terms. */
    VectorRegister right(int vector) {
        return right[vector];
    }

    /** The registers that keep their values during the whole function, and then the last ones that {@link #left} gives. */
    VectorRegister[] own(int others) {
        VectorRegister[] own = Arrays.copyOf(constants, constants.length + others);
        System.arraycopy(left, left.length - others, own, constants.length, others);
        return own;
    }

    /** A register that is free outside of the loop over terms. */
    VectorRegister left(int i) {
        return left[i];
    }

    /** The number of registers that {@link #left} gives. */
    int lefts() {
        return left.length;
    }

    /** One of three general-purpose registers that are free outside of the loop over terms. */
    Gpr temporary(int i) {
        return temporaries[i];
    }

    MaskRegister mask(int vector) {
        return new MaskRegister(vector + 1);
    }

    void copy(TileArgument from, TileArgument to) {
        from.copyTo(a, temporaries[1], to);
    }

    /** Adds a register to a variable. */
    void advance(TileArgument variable, Gpr bytes) {
        variable.advance(a, temporaries[1], bytes);
    }

    /** Adds a number to a variable. */
    void advance(TileArgument variable, int bytes) {
        variable.advance(a, temporaries[1], bytes);
    }

    /** Adds the bytes of all rows of a tile to a variable. */
    void advanceRows(TileArgument variable, TileArgument rowBytes) {
        a.mov(temporaries[0], (long) rows);
        a.imul(temporaries[0], rowBytes.address());
        advance(variable, temporaries[0]);
    }

    /** Code that runs only if an argument is not 0; it is in {@link #temporary} 0 then. */
    void ifGiven(TileArgument argument, Runnable body) {
        argument.ifGiven(a, temporaries[0], body);
    }

    /** Code before the columns of a group: the address of its masks, and with AVX-512 the masks themselves. */
    void loadMasks() {
        Label whole = new Label();
        a.mov(temporaries[0], GROUPS_LEFT.address());
        a.add(temporaries[0], TileArgument.LAST_IS_WHOLE.address());
        a.store(UNMASKED_GROUPS.address(), temporaries[0]);
        a.lea(temporaries[1], Address.at(Frame.BLOCK, TileArgument.WHOLE_MASKS_OFFSET));
        a.cmp(temporaries[0], 1);
        a.jump(Condition.NOT_EQUAL, whole);
        a.lea(temporaries[1], TileArgument.LAST_MASKS.address());
        a.bind(whole);
        a.store(MASKS.address(), temporaries[1]);
        for (int v = 0; v < vectors && bits == 512; v++) {
            a.mov32(temporaries[0], Address.at(temporaries[1], v * Integer.BYTES));
            a.emit(VectorInstruction.KMOVW, mask(v), temporaries[0]);
        }
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
        if (bits == 512) {
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
        if (bits == 512) {
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
        if (bits != 512) {
            a.mov(temporaries[0], UNMASKED_GROUPS.address());
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
        overRows(C_TILE, C_ROW, (r, v, to) -> store(to, sums(r, v), v, whole));
    }

    /** Code for one vector of a row, at an address. */
    interface AtAddress {
        void emit(int row, int vector, Address address);
    }

    /** Code for each vector of a matrix that has the shape of the result; its address is in {@link #temporary} 0. */
    void overRows(TileArgument start, TileArgument rowBytes, AtAddress body) {
        a.mov(temporaries[0], start.address());
        for (int r = 0; r < rows; r++) {
            for (int v = 0; v < vectors; v++) {
                body.emit(r, v, Address.at(temporaries[0], v * vectorBytes()));
            }
            a.add(temporaries[0], rowBytes.address());
        }
    }
}
