package dev.tenon.benchmarks.ceiling;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.Operand;
import dev.tenon.asm.TileRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.nativecode.ExecutableMemory;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Set;

/**
 * The peak of an instruction of one core: a loop of it in machine code, with independent sums on registers, without memory.
 * There are 24 sums if the machine has 32 registers of the kind, 12 if it has 16, and 4 in tiles. The loop must not depend on
 * the kernels that are compared with it.
 */
public final class InstructionPeak {
    private static final int SUMS_OF_32 = 24;
    private static final int SUMS_OF_16 = 12;
    private static final int SUMS_OF_TILES = 4;
    private static final int VECTOR_INSTRUCTIONS = 24 << 16;
    private static final int TILE_INSTRUCTIONS = 1 << 15;

    private static final long SHAPE_BYTES = 64;
    private static final int ROW_BYTES_AT = 16;
    private static final int ROWS_AT = 48;
    private static final int TILES = 8;
    private static final byte ROWS = 16;
    private static final short ROW_BYTES = 64;

    private final Instruction instruction;
    private final NativeFunction loop;
    private final MemorySegment shapes;

    /**
     * Assembles the loop.
     *
     * @param instruction the instruction
     * @throws IllegalArgumentException if the assembled tier of this JVM does not have it
     */
    public InstructionPeak(Instruction instruction) {
        Set<InstructionSet> sets = Tiers.detect().capabilities().instructions();
        if (!instruction.isIn(sets)) {
            throw new IllegalArgumentException("there is no " + instruction.title() + " here, only " + sets);
        }
        this.instruction = instruction;
        X64Assembler a = new X64Assembler(sets);
        if (instruction.bits() == 0) {
            tiles(a);
        } else {
            vectors(a);
        }
        loop = ExecutableMemory.publish(a.toBytes());
        shapes = Arena.ofAuto().allocate(SHAPE_BYTES, SHAPE_BYTES);
        shapes.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        for (int i = 0; i < TILES; i++) {
            shapes.set(ValueLayout.JAVA_SHORT, ROW_BYTES_AT + 2L * i, ROW_BYTES);
            shapes.set(ValueLayout.JAVA_BYTE, ROWS_AT + i, ROWS);
        }
    }

    private int sums() {
        return instruction.bits() == 0 ? SUMS_OF_TILES : instruction.bits() == 512 ? SUMS_OF_32 : SUMS_OF_16;
    }

    /** Sums of products of small numbers. They grow to a fixed point or wrap, and never become slow subnormal numbers. */
    private void vectors(X64Assembler a) {
        int sums = sums();
        boolean wide = instruction.bits() == 512;
        // 0.5 as two numbers of BF16, 0.5 as float32, or four bytes.
        long element =
                switch (instruction) {
                    case BF16_512 -> 0x3F003F00L;
                    case FLOAT_512, FLOAT_256 -> 0x3F000000L;
                    default -> 0x35274B11L;
                };
        a.mov(Gpr.RAX, element);
        for (int i = 0; i < sums + 2; i++) {
            VectorRegister low = VectorRegister.xmm(i);
            if (wide) {
                a.emit(VectorInstruction.VPBROADCASTD_GPR, register(i), Gpr.RAX);
            } else {
                a.emit(VectorInstruction.VMOVD, low, Gpr.RAX);
                a.emit(VectorInstruction.VPBROADCASTD, register(i), low);
            }
        }
        loop(a, sums, register(sums), register(sums + 1));
        a.vzeroupper();
        a.ret();
    }

    private VectorRegister register(int number) {
        return new VectorRegister(number, instruction.bits(), 0, false);
    }

    private void tiles(X64Assembler a) {
        a.ldtilecfg(Address.at(Gpr.RSI, 0));
        for (int i = 0; i < SUMS_OF_TILES + 2; i++) {
            a.tilezero(new TileRegister(i));
        }
        loop(a, SUMS_OF_TILES, new TileRegister(SUMS_OF_TILES), new TileRegister(SUMS_OF_TILES + 1));
        a.tilerelease();
        a.ret();
    }

    /** The loop itself. RDI holds the number of its runs. */
    private void loop(X64Assembler a, int sums, Operand left, Operand right) {
        Label again = new Label();
        a.align();
        a.bind(again);
        for (int i = 0; i < sums; i++) {
            Operand sum = instruction.bits() == 0 ? new TileRegister(i) : register(i);
            a.emit(instruction.code(), sum, left, right);
        }
        a.sub(Gpr.RDI, 1);
        a.jump(Condition.NOT_EQUAL, again);
    }

    /**
     * The operations of {@link #run}.
     *
     * @param instruction the instruction
     * @return additions and multiplications
     */
    public static double operations(Instruction instruction) {
        return (double) instruction.operations() * (instruction.bits() == 0 ? TILE_INSTRUCTIONS : VECTOR_INSTRUCTIONS);
    }

    /**
     * Runs the loop, for less than a millisecond.
     *
     * @return the operations, additions and multiplications
     */
    public double run() {
        double operations = operations(instruction);
        long runs = (long) (operations / instruction.operations() / sums());
        try {
            loop.call(runs, shapes.address(), 0, 0, 0, 0);
        } finally {
            Reference.reachabilityFence(shapes);
        }
        return operations;
    }
}
