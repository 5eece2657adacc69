package dev.tenon.kernel.x64.attention;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.attention.AttentionProblem.Grid;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rounds rows of numbers to integers times a scale, from one place to another or in place. Numbers up to 2<sup>22</sup> are
 * rounded by adding a large number and taking it off again, which gives no negative zero.
 */
final class RowRounding {
    /** The memory of its arguments. */
    static final int BYTES = 64;

    private static final float ROUNDER = 0x1.8p23f;
    private static final int SCALE = 8;
    private static final int LEAST = 12;
    private static final int GREATEST = 16;

    private final Grid grid;
    private final int columns;
    private final long at;
    private final long wholeBytes;
    private final NativeFunction function;

    /**
     * Rounding of rows.
     *
     * @param grid the numbers that are left
     * @param columns the numbers of a row
     * @param at the offset of the arguments in the scratch memory, a multiple of 64
     * @param bits the width of vectors: 256 or 512
     */
    RowRounding(Grid grid, int columns, long at, int bits) {
        this.grid = grid;
        this.columns = columns;
        this.at = at;
        wholeBytes = columns / (bits / Float.SIZE) * (long) (bits / Byte.SIZE);
        function = KernelCode.of("round_rows_f32_" + VectorEmitter.suffix(bits), () -> code(bits));
    }

    /** Starts a run: writes the arguments. */
    void start(MemorySegment scratch) {
        scratch.set(ValueLayout.JAVA_LONG, at, columns);
        scratch.set(ValueLayout.JAVA_FLOAT, at + SCALE, grid.scale());
        scratch.set(ValueLayout.JAVA_FLOAT, at + LEAST, grid.least());
        scratch.set(ValueLayout.JAVA_FLOAT, at + GREATEST, grid.greatest());
    }

    /**
     * Rounds rows.
     *
     * @param scratch the scratch memory of a started run
     * @param from the address of the first row
     * @param fromStep bytes from a row to the next
     * @param to the address of the first result
     * @param toStep bytes from a row of results to the next
     * @param rows the number of rows, at least 1
     */
    void run(MemorySegment scratch, long from, long fromStep, long to, long toStep, int rows) {
        function.call(from, fromStep - wholeBytes, to, toStep - wholeBytes, rows, scratch.address() + at);
    }

    /**
     * The function. Arguments: the first row, the bytes from its last whole vector to the next row, the same two of the results,
     * the number of rows, the address of the other arguments.
     */
    private static byte[] code(int bits) {
        VectorEmitter e = new VectorEmitter(bits);
        X64Assembler a = e.assembler();
        VectorRegister scale = e.take();
        VectorRegister least = e.take();
        VectorRegister greatest = e.take();
        VectorRegister rounder = e.take();
        VectorRegister x = e.take();
        Label row = new Label();
        e.loadPool();
        a.emit(VectorInstruction.VBROADCASTSS, scale, Address.at(R9, SCALE));
        a.emit(VectorInstruction.VBROADCASTSS, least, Address.at(R9, LEAST));
        a.emit(VectorInstruction.VBROADCASTSS, greatest, Address.at(R9, GREATEST));
        e.load(rounder, ROUNDER);
        a.mov(R9, Address.at(R9, 0));
        a.bind(row);
        e.loop(
                R9,
                R10,
                tail -> {
                    e.load(x, Address.at(RDI, 0), tail);
                    e.roundSteps(x, scale, least, greatest, rounder);
                    a.emit(VectorInstruction.VMULPS, x, x, scale);
                    e.store(Address.at(RDX, 0), x, tail);
                },
                () -> {
                    a.add(RDI, e.bytes());
                    a.add(RDX, e.bytes());
                });
        a.add(RDI, RSI);
        a.add(RDX, RCX);
        a.sub(R8, 1);
        a.jump(Condition.NOT_EQUAL, row);
        a.vzeroupper();
        a.ret();
        return e.finish();
    }
}
