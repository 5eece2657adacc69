package dev.tenon.kernel.x64.attention;

import static dev.tenon.asm.VectorInstruction.VBROADCASTSS;
import static dev.tenon.asm.VectorInstruction.VCVTPH2PS;
import static dev.tenon.asm.VectorInstruction.VFMADD231PS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS;
import static dev.tenon.asm.VectorInstruction.VMOVUPS_STORE;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.Registers;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;

/**
 * Writes functions that add rows of values in pages, of float32 or float16, to the sums of some rows of queries, each value times the
 * probability of its row. A function goes through runs of rows, and within a run through some columns at a time, all of whose sums
 * are in registers. Every sum has the order of positions, whatever the number of rows. While a run is read, the next one is
 * prefetched.
 */
final class PagedValueEmitter {
    /** The bytes of a run in the list: an address and a number of rows. An address follows the last run. */
    static final int ENTRY_BYTES = 2 * Long.BYTES;

    private static final int LINE = 64;
    private static final int WIDE = 512;

    /** The sums in registers. */
    private static final int SUMS_512 = 16;

    private static final int SUMS_256 = 8;
    private static final int MAX_COLUMNS = 8;
    private static final int LOADED_512 = 4;
    private static final int LOADED_256 = 2;

    private final X64Assembler a;
    private final int bits;
    private final int rows;
    private final boolean half;
    private final int mostColumns;
    private final VectorRegister[] sums;
    private final VectorRegister[] probabilities;
    private final VectorRegister[] loaded;

    private final Gpr entry;
    private final Gpr probability;
    private final Gpr probabilityNow;
    private final Gpr step;
    private final Gpr column;
    private final Gpr value;
    private final Gpr left;
    private final Gpr keys;
    private final Gpr sum;
    private final Gpr sumsRow;
    private final Gpr ahead;

    private PagedValueEmitter(int bits, int rows, boolean half) {
        a = new X64Assembler(VectorEmitter.needs(bits));
        this.bits = bits;
        this.rows = rows;
        this.half = half;
        int most = bits == WIDE ? SUMS_512 : SUMS_256;
        mostColumns = Math.min(MAX_COLUMNS, most / rows);
        sums = VectorRegister.range(0, most, bits);
        probabilities = VectorRegister.range(most, rows, bits);
        loaded = VectorRegister.range(most + rows, bits == WIDE ? LOADED_512 : LOADED_256, bits);
        Registers registers = new Registers();
        entry = registers.take();
        probability = registers.take();
        probabilityNow = registers.take();
        step = registers.take();
        column = registers.take();
        value = registers.take();
        left = registers.take();
        keys = registers.take();
        sum = registers.take();
        sumsRow = registers.take();
        ahead = registers.take();
    }

    /**
     * A function.
     *
     * @param bits the width of vectors: 256 or 512
     * @param rows the rows of queries: 1, 2 or 4
     * @param half whether values are float16
     */
    static NativeFunction function(int bits, int rows, boolean half) {
        String name = "paged_values_" + (half ? "f16_" : "f32_") + rows + "_" + VectorEmitter.suffix(bits);
        return KernelCode.of(name, () -> new PagedValueEmitter(bits, rows, half).emit());
    }

    private byte[] emit() {
        Frame.enter(a);
        a.mov(entry, PagedArgument.LIST.address());
        a.mov(probability, PagedArgument.SCORES.address());
        a.mov(step, PagedArgument.PAGE_ROW.address());
        a.mov(sumsRow, PagedArgument.SUMS_ROW.address());
        Label run = new Label();
        a.bind(run);
        a.mov(column, Address.at(entry, 0));
        a.mov(ahead, Address.at(entry, ENTRY_BYTES));
        a.sub(ahead, column);
        a.mov(sum, PagedArgument.SUMS.address());
        a.mov(left, PagedArgument.VECTORS.address());
        for (int columns = mostColumns; columns > 0; columns /= 2) {
            Label turn = new Label();
            Label end = new Label();
            a.bind(turn);
            a.cmp(left, columns);
            a.jump(Condition.LESS, end);
            columns(columns);
            a.sub(left, columns);
            a.jmp(turn);
            a.bind(end);
        }
        a.mov(keys, Address.at(entry, Long.BYTES));
        a.lea(probability, Address.at(probability, keys, Float.BYTES, 0));
        a.add(entry, ENTRY_BYTES);
        PagedArgument.COUNT.countDown(a, keys, run);
        Frame.leave(a);
        return a.toBytes();
    }

    /** Adds some columns of a run, and goes on to the next ones. */
    private void columns(int columns) {
        int vectorBytes = bits / Byte.SIZE;
        overSums(columns, true);
        a.mov(value, column);
        a.mov(probabilityNow, probability);
        a.mov(keys, Address.at(entry, Long.BYTES));
        Label turn = new Label();
        a.align();
        a.bind(turn);
        for (int r = 0; r < rows; r++) {
            Address from = Address.at(probabilityNow, r * PagedScoreEmitter.SCORES_ROW);
            a.emit(VBROADCASTSS, probabilities[r], from);
        }
        int valueBytes = half ? vectorBytes / 2 : vectorBytes;
        for (int c = 0; c < columns; c++) {
            VectorRegister v = loaded[c % loaded.length];
            a.emit(half ? VCVTPH2PS : VMOVUPS, v, Address.at(value, c * valueBytes));
            for (int r = 0; r < rows; r++) {
                a.emit(VFMADD231PS, sums[r * columns + c], v, probabilities[r]);
            }
        }
        for (int at = 0; at < columns * valueBytes; at += LINE) {
            a.prefetch(Address.at(value, ahead, 1, at));
        }
        a.add(probabilityNow, Float.BYTES);
        a.add(value, step);
        a.sub(keys, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        overSums(columns, false);
        a.add(sum, columns * vectorBytes);
        a.add(column, columns * valueBytes);
    }

    /** Loads the sums of some columns, or stores them. */
    private void overSums(int columns, boolean load) {
        a.mov(value, sum);
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                VectorRegister s = sums[r * columns + c];
                Address at = Address.at(value, c * bits / Byte.SIZE);
                if (load) {
                    a.emit(VMOVUPS, s, at);
                } else {
                    a.emit(VMOVUPS_STORE, at, s);
                }
            }
            if (r < rows - 1) {
                a.add(value, sumsRow);
            }
        }
    }
}
